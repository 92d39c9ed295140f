import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { joinModules } from '../../build/join.ts';
import { minifyUcode } from '../../build/minify.ts';
import { modulesOf } from '../../build/modules.ts';
import { repository } from '../../build/package.ts';
import { ownProperties } from '../../build/properties.ts';
import { compileUcode } from '../../build/ucode.ts';
import { findUcodes } from '../support/ucode.ts';

const fixtures = fileURLToPath(new URL('../fixtures/ucode/', import.meta.url));
const ucodes = await findUcodes();
const modules = await compile(join(fixtures, 'app'));
const agent = await compile(fileURLToPath(new URL('../../src/agent', import.meta.url)));
const program = joinModules('/usr/bin/ucode', await compileUcode(join(fixtures, 'app')), 'app/main.uc');
const sourceOf = (name: string): string => readFileSync(join(fixtures, name.replace('.uc', '.ts')), 'utf8');

const test = suite('TypeScript to ucode');

test('a module for each source, and for what is imported from beside it, but not for types', () => {
  assert.equal(Object.keys(modules).sort(), ['app/main.uc', 'app/net/peer.uc', 'tables/limits.uc']);
});

test('every line keeps its number', () => {
  for (const [name, text] of Object.entries(modules)) {
    const source = sourceOf(name).split('\n');
    const lines = text.split('\n');
    assert.is(lines.length, source.length, name);
    for (const [i, line] of lines.entries()) {
      // What it exports begins otherwise.
      const word = /^(?!global\.)\w+/.exec(line)?.[0] ?? '';
      assert.ok(
        source[i]
          ?.trimStart()
          .replace(/^const /, 'let ')
          .startsWith(word),
        `${name}:${i + 1}`
      );
    }
  }
});

test('comments and indentation are gone, what only looks like a comment is not', () => {
  const text = Object.values(modules).join('\n');
  assert.not.match(text, /^[ \t]|of no use|has to stay|A program/m);
  assert.match(text, '/* kept */ // kept`');
});

test('a wrong type is an error that tells where', async () => {
  const failure = await failureOf("\nexport const a: string = readfile('/etc/hosts');\n");
  assert.match(failure, /wrong\.ts\(2,26\): error TS2304/);
});

test("so is a property of JavaScript's values", async () => {
  assert.match(await failureOf('print([1].length);\n'), /wrong\.ts\(1,11\): error TS2339/);
});

test('so is what cannot be erased', async () => {
  assert.match(await failureOf('enum E { a }\nprint(E.a);\n'), /wrong\.ts\(1,6\): error TS1294/);
});

test('what is kept of an earlier time is of the same sources, and so is what was wrong with them', async () => {
  const name = `dist/test-${process.pid}`;
  const folder = fileURLToPath(new URL(name, repository));
  mkdirSync(join(folder, 'app'), { recursive: true });
  try {
    const printed = async (value: string): Promise<string> => {
      writeFileSync(join(folder, 'limits.ts'), `export const limit: number = ${value};\n`);
      const modules = await modulesOf(`${name}/app`);
      return modules.find((module) => module.name === 'limits.uc')?.text ?? '';
    };
    writeFileSync(join(folder, 'app/main.ts'), "import { limit } from '../limits.ts';\nprint(limit);\n");
    const first = await printed('5');
    assert.match(first, /= *5;/);
    assert.is(await printed('5'), first);
    assert.match(await printed('6'), /= *6;/);
    assert.match(await printed("'7'").catch(String), /limits\.ts\(1,14\): error TS2322/);
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(fileURLToPath(new URL(`dist/ucode/${name.replace('/', '-')}-app.json`, repository)));
  }
});

test("a program: what is imported comes first, ucode's own at the top, a statement is on one line", async () => {
  const lines = (
    await programOf({ 'main.ts': "import { one } from './one.ts';\nprint(\n  one(2)\n);\n" })
  ).split('\n');
  assert.equal(lines.slice(0, 2), ['#!/usr/bin/ucode', "import{cursor}from'uci';"]);
  assert.match(
    lines.slice(2).join('\n'),
    /^\{\nlet A=`a\n\n {2}b`;\n(\w+)=[^]*;\};\}\n\{\nprint\(\1\(2\)\);\}\n$/
  );
});

test('a program in which a name has two meanings is an error', async () => {
  const twice = (text: string): Promise<string> =>
    programOf({ 'main.ts': `import { one } from './one.ts';\n${text}\nprint(one(2));\n` }).catch(String);
  assert.match(await twice("import { cursor } from 'uci';\nprint(cursor());"), /^#!/);
  assert.match(
    await twice("import { open as cursor } from 'fs';\nprint(cursor('/'));"),
    'main.uc: open as cursor of fs'
  );
  assert.match(await twice('const list = { cursor: 1 };\nprint(list.cursor);'), /^#!/);
  // Here it is a function that is there without any import.
  const files = {
    'one.ts': "import { signal } from 'uloop';\nexport const one = () => signal('SIGHUP', () => null);\n",
    'main.ts': "import { one } from './one.ts';\nsignal('SIGHUP', () => null);\nprint(one());\n"
  };
  assert.match(await programOf(files).catch(String), 'main.uc: signal is signal of uloop elsewhere');
});

test('what the agent alone knows is called by one letter', async () => {
  const minified = (text: string): Promise<string> => minifyUcode(`#!/usr/bin/ucode\n${text}\n`);
  const known = await minified(
    'let prefs = {}; print({ reachable: 1, prefs, since: 2 }.reachable, ["prefs"]);'
  );
  assert.match(known, /^#!.*\n.*print\(\{(\w):1,(\w):\{\},since:2\}\.\1,\["prefs"\]\)/);
  assert.match(await minified('print({}.a);').catch(String), 'a is another property');
  for (const text of ['{}["prefs"]', 'exists({}, "prefs")'])
    assert.match(await minified(`print(${text});`).catch(String), 'prefs is no text');
});

test('and nothing that another program reads is', () => {
  const folders = ['src/shared/', 'src/command/', 'src/report/', 'types/ucode/'];
  const files = folders.flatMap((folder) =>
    readdirSync(new URL(folder, repository)).map((name) => new URL(folder + name, repository))
  );
  // What the agent computes with, and uloop's functions, not properties.
  const own = /(arch|network-plan|preferences|uloop\.d)\.ts$/;
  const text = files
    .filter(({ pathname }) => pathname.endsWith('.ts') && !own.test(pathname))
    .map((file) => readFileSync(file, 'utf8').replace(/^ *(\/?\*|\/\/).*$/gm, ''))
    .join('\n');
  assert.ok(/\bsince: number/.test(text));
  const others = ownProperties.filter((name) =>
    new RegExp(`[.]${name}\\b|^ +(readonly )?${name}\\??:`, 'm').test(text)
  );
  assert.equal(others, []);
});

test('without sources there are no modules', async () => {
  assert.equal(await compile(join(fixtures, 'nowhere')), {});
});

if (ucodes.length === 0)
  console.log('skipped: what the build makes, in ucode: there is no OpenWrt root tree');

for (const ucode of ucodes) {
  test(`ucode ${ucode.release} compiles each module, the agent's too`, () => {
    const files = { ...modules, ...agent };
    const imports = Object.keys(files).map((name) => `import '/mnt/${name}';\n`);
    const ran = ucode.run(['ucode', '-c', '-o', '/tmp/all', '/mnt/all.uc'], {
      ...files,
      'all.uc': imports.join('')
    });
    assert.is(ran.output, '');
    assert.is(ran.code, 0);
  });

  test(`ucode ${ucode.release} runs them, and an error names the line of the source`, () => {
    const line = sourceOf('app/main.uc').split('\n').indexOf("  die('here');") + 1;
    const { output } = ucode.run(['ucode', '/mnt/app/main.uc'], modules);
    assert.is(output, `a   1023, b   6\nbytes: 1 /* kept */ // kept\na äöü\nline ${line}\n`);
  });

  test(`ucode ${ucode.release} runs them as one program, and an error names its line`, () => {
    const line = program.split('\n').findIndex((text) => text.startsWith("die('here')")) + 1;
    const { output } = ucode.run(['ucode', '/mnt/app'], { app: program });
    assert.is(output, `a   1023, b   6\nbytes: 1 /* kept */ // kept\na äöü\nline ${line}\n`);
  });
}

test.run();

async function compile(folder: string): Promise<Record<string, string>> {
  return Object.fromEntries((await compileUcode(folder)).map(({ name, text }) => [name, text]));
}

/** The program of main.ts and others, and of one.ts, which imports from ucode and holds a text with an empty line. */
async function programOf(files: Readonly<Record<string, string>>): Promise<string> {
  const one =
    "import { cursor } from 'uci';\n\nconst text = `a\n\n  b`;\n\n" +
    'export const one = (n: number): string => {\n  // Why.\n  let c = cursor();\n  return `${text}${n}${!!c}`;\n};\n';
  const work = mkdtempSync(join(tmpdir(), 'ucode-build-'));
  try {
    mkdirSync(join(work, 'app'));
    for (const [name, text] of Object.entries({ 'one.ts': one, ...files }))
      writeFileSync(join(work, 'app', name), text);
    return joinModules('/usr/bin/ucode', await compileUcode(join(work, 'app')), 'app/main.uc');
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** What the compiler says of a program of this one module. */
async function failureOf(text: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'ucode-build-'));
  try {
    mkdirSync(join(work, 'app'));
    writeFileSync(join(work, 'app/wrong.ts'), text);
    await compileUcode(join(work, 'app'));
    return 'nothing';
  } catch (error) {
    return String(error);
  } finally {
    rmSync(work, { recursive: true });
  }
}
