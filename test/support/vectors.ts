import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { repository } from '../../build/package.ts';
import { compileUcode } from '../../build/ucode.ts';
import { fromBytes } from '../../dev/host/bytes.ts';
import { loadOnHost } from '../../dev/host/load.ts';
import { findUcodes } from './ucode.ts';

/** A module of ucode where it can run: on Node, or on a real ucode. */
export interface Runtime {
  /** `Node`, or such as `ucode 25.12`. */
  name: string;
  /** What a function returns for arguments that JSON can say; throws what it throws. */
  call(name: string, ...args: readonly unknown[]): unknown;
  /** The same for many sets of arguments, in one process. */
  each(name: string, calls: readonly (readonly unknown[])[]): unknown[];
}

/**
 * A module on Node and on each ucode that is at hand; says so if there is none. `path`: that of its source in this
 * repository. Functions of `program`, which is ucode and knows it as `module`, can be called, too.
 */
export async function runtimesOf(path: string, program = ''): Promise<Runtime[]> {
  const source = fileURLToPath(new URL(path, repository));
  const folder = dirname(source);
  const name = `${basename(folder)}/${basename(source, '.ts')}.uc`;
  const ucodes = await findUcodes();
  if (ucodes.length === 0) console.log(`skipped: ${path} on ucode: there is no OpenWrt root tree`);
  const compiled = ucodes.length === 0 ? [] : await compileUcode(folder);
  const modules = Object.fromEntries(compiled.map((module) => [module.name, module.text]));

  return [
    runtime('Node', (fn, calls) => runHere(caller(source, program, fn), calls)),
    ...ucodes.map((ucode) =>
      runtime(`ucode ${ucode.release}`, (fn, calls) => {
        const text = caller(`/mnt/${name}`, program, fn);
        const files = { ...modules, 'calls.json': calls, 'calls.uc': text };
        const { output, code } = ucode.run(['ucode', '/mnt/calls.uc'], files);
        if (code !== 0) throw new Error(output);
        return output;
      })
    )
  ];
}

/** What a function of a module returns for each set of arguments, once that is the same everywhere. */
export async function vectors(
  path: string,
  name: string,
  calls: readonly (readonly unknown[])[]
): Promise<unknown[]> {
  const [here, ...others] = await runtimesOf(path);
  const results = here?.each(name, calls) ?? [];
  for (const other of others) assert.equal(other.each(name, calls), results, `${path} on ${other.name}`);
  return results;
}

/** `run` gets a function's name and the arguments as JSON, and returns the results as JSON. */
function runtime(name: string, run: (fn: string, calls: string) => string): Runtime {
  const each: Runtime['each'] = (fn, calls) => JSON.parse(run(fn, JSON.stringify(calls))) as unknown[];
  return { name, each, call: (fn, ...args) => each(fn, [args])[0] };
}

function caller(module: string, program: string, fn: string): string {
  const called = program.includes(`function ${fn}(`) ? fn : `module.${fn}`;
  return `'use strict';
import { readfile } from 'fs';
import * as module from '${module}';
${program}
print(sprintf('%J', map(json(readfile('/mnt/calls.json')), (args) => ${called}(...args))));
`;
}

function runHere(text: string, calls: string): string {
  const root = mkdtempSync(join(tmpdir(), 'vectors-'));
  let output = '';
  try {
    mkdirSync(join(root, 'mnt'));
    writeFileSync(join(root, 'mnt/calls.json'), calls);
    writeFileSync(join(root, 'calls.ts'), text);
    loadOnHost(join(root, 'calls.ts'), { root, write: (_, bytes) => (output += bytes) });
    return fromBytes(output);
  } finally {
    rmSync(root, { recursive: true });
  }
}
