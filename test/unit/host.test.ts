import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { minifyUcode } from '../../build/minify.ts';
import { fromBytes } from '../../dev/host/bytes.ts';
import { loadOnHost } from '../../dev/host/load.ts';
import { runOnHost } from '../../dev/host/program.ts';
import { findUcodes, type Ucode } from '../support/ucode.ts';

/** Small programs, each for a rule of ucode's, that must print the same on the host as on real ones. */

const rules = readFileSync(new URL('../fixtures/ucode/rules.uc', import.meta.url), 'utf8')
  .split(/^\/\/\/\/ /m)
  .slice(1)
  .map((part) => ({
    rule: part.slice(0, part.indexOf('\n')),
    // The lines are counted from the program's first.
    text: part.slice(part.indexOf('\n') + 1)
  }));

const ucodes = await findUcodes();
if (ucodes.length === 0)
  console.log("skipped: the host's ucode and real ones: there is no OpenWrt root tree");
const onHost = ucodes.length === 0 ? [] : await runAllOnHost();
const minified = await Promise.all(rules.map(({ text }) => minifyUcode(`#!/usr/bin/ucode\n${text}`, [])));

for (const ucode of ucodes) {
  const test = suite(`the host's ucode and that of ${ucode.release}`);
  const real = runAll(
    ucode,
    rules.map(({ text }) => text)
  );
  for (const [i, { rule }] of rules.entries()) {
    test(rule, () => {
      const { printed, complaint } = onHost[i] ?? {};
      assert.is(printed, real[i], complaint);
    });
  }
  test('all of them say the same in fewer letters', () => {
    assert.equal(runAll(ucode, minified).map(withoutLine), real.map(withoutLine));
  });
  test.run();
}

/** Of the one that prints where it failed. */
function withoutLine(printed: string): string {
  return printed.replace(/^here Error \d /, '');
}

interface Ran {
  /** To stdout; then `=` and the exit code. */
  printed: string;
  /** To stderr. */
  complaint?: string;
}

async function runAllOnHost(): Promise<Ran[]> {
  const root = mkdtempSync(join(tmpdir(), 'host-'));
  mkdirSync(join(root, 'tmp'));
  const results: Ran[] = [];
  try {
    for (const [i, { text }] of rules.entries()) {
      const path = join(root, `${i}.uc`);
      writeFileSync(path, text);
      results.push(await (needsThread(text) ? inThread(path, root) : here(path, root)));
    }
  } finally {
    rmSync(root, { recursive: true });
  }
  return results;
}

function needsThread(text: string): boolean {
  return /from '(uloop|socket|ubus)'|\b(popen|exit|system|sleep|getenv)\(|'uncaught'/.test(text);
}

async function inThread(path: string, root: string): Promise<Ran> {
  let printed = '';
  let complaint = '';
  const write = (descriptor: number, bytes: string): void => {
    if (descriptor === 1) printed += bytes;
    else complaint += bytes;
  };
  const code = await runOnHost(path, { root, write }).ended;
  return { printed: `${fromBytes(printed)}=${code}`, ...(complaint && { complaint }) };
}

function here(path: string, root: string): Ran {
  let output = '';
  const write = (_: number, bytes: string): void => {
    output += bytes;
  };
  try {
    loadOnHost(path, { root, write });
    return { printed: `${fromBytes(output)}=0` };
  } catch (error) {
    return { printed: `${fromBytes(output)}=254`, complaint: String(error) };
  }
}

function runAll(ucode: Ucode, texts: readonly string[]): string[] {
  const files = Object.fromEntries(texts.map((text, i) => [`${i}.uc`, text]));
  const script = `
    mkdir -p /var/run/ubus && ubusd & 
    for i in $(seq 0 ${texts.length - 1}); do ucode /mnt/$i.uc 2>/dev/null; printf '=%s\\0' $?; done`;
  return ucode.run(['sh', '-c', script], files).output.split('\0');
}
