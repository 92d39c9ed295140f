import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { modulesOf } from '../../build/modules.ts';
import { repository } from '../../build/package.ts';
import { fromBytes, toBytes } from '../../dev/host/bytes.ts';
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
  // All of a part of src at once: a module may import from the folders beside it.
  const folder = /^src\/[^/]+/.exec(path)?.[0] ?? dirname(path);
  const name = posix.relative(dirname(folder), path).replace(/\.ts$/, '.uc');
  const ucodes = await findUcodes();
  if (ucodes.length === 0) console.log(`skipped: ${path} on ucode: there is no OpenWrt root tree`);
  const compiled = ucodes.length === 0 ? [] : await modulesOf(folder);
  const modules = Object.fromEntries(compiled.map((module) => [module.name, module.text]));

  const exports = Object.entries(compiled.find((module) => module.name === name)?.exports ?? {});
  const built = `import '/mnt/${name}';
import { readfile } from 'fs';
const module = { ${exports.map(([word, short]) => `${word}: ${short}`).join(', ')} };`;
  const caller = callerOf(program);
  const here = loadProgram(`import * as module from '${source}';\n${caller}export { each };\n`);
  return [
    runtime('Node', (fn, calls) => fromBytes(here(fn, toBytes(calls)))),
    ...ucodes.map((ucode) =>
      runtime(`ucode ${ucode.release}`, (fn, calls) => {
        const text = `${built}\n${caller}print(each('${fn}', readfile('/mnt/calls.json')));\n`;
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

/** A program with `each(name, calls)`, from JSON to JSON, of functions of `module` and its own. */
function callerOf(program: string): string {
  const own = [...program.matchAll(/^function (\w+)\(/gm)].map(([, name]) => name);
  return `${program}
const known = { ...module, ${own.join(', ')} };
function each(name, calls) {
  return sprintf('%J', map(json(calls), (args) => known[name](...args)));
}
`;
}

function loadProgram(text: string): (name: string, calls: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
  try {
    const path = join(folder, 'calls.ts');
    writeFileSync(path, text);
    return loadOnHost(path)['each'] as (name: string, calls: string) => string;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
