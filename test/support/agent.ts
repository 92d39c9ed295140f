import { fileURLToPath } from 'node:url';
import { compileUcode } from '../../build/ucode.ts';
import type { Ucode } from './ucode.ts';

/** The compiled agent: files for `Ucode.run`. */
const compiled = await compileUcode(fileURLToPath(new URL('../../src/agent', import.meta.url)));
export const agentModules = Object.fromEntries(compiled.map(({ name, text }) => [name, text]));

/**
 * Calls a function that a module such as `preferences` exports, on a real ucode, once with each of these lists of
 * arguments, and returns what each call returned.
 */
export function callAgent(
  ucode: Ucode,
  module: string,
  name: string,
  calls: readonly unknown[][]
): unknown[] {
  const exported = compiled.find((one) => one.name === `agent/${module}.uc`)?.exports[name] ?? name;
  const { code, output } = ucode.run(['ucode', '/mnt/program.uc', exported], {
    ...agentModules,
    'program.uc': program.replace('MODULE', module),
    'calls.json': JSON.stringify(calls)
  });
  if (code !== 0) throw new Error(output.slice(0, 1000));
  return JSON.parse(output) as unknown[];
}

/** An argument of these bytes, in hexadecimal digits. */
export function bytes(hex: string): object {
  return { $hex: hex };
}

/** An argument that ucode itself parses: a number of 64 bits, an object with a key that is special here. */
export function raw(json: string): object {
  return { $json: json };
}

const program = `
  import * as module from '/mnt/agent/MODULE.uc';
  import { readfile } from 'fs';

  function revive(value) {
    if (type(value) == 'array') return map(value, (element) => revive(element));
    if (type(value) != 'object') return value;
    if (exists(value, '$hex')) return hexdec(value['$hex']);
    if (exists(value, '$json')) return json(value['$json']);
    let revived = {};
    for (let key in value) revived[key] = revive(value[key]);
    return revived;
  }

  let calls = revive(json(readfile('/mnt/calls.json')));
  print(sprintf('%J', map(calls, (args) => module[ARGV[0]](...args))));
`;
