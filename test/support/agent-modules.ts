import { fileURLToPath } from 'node:url';
import { compileUcode } from '../../build/ucode.ts';
import { findUcodes } from './ucode.ts';

/** A module of the agent on a real ucode. */
export interface AgentModule {
  /** The release of OpenWrt, such as `25.12`. */
  release: string;
  /** What a function returns for arguments that JSON can say; throws what it throws. */
  call(name: string, ...args: readonly unknown[]): unknown;
  /** The same for many sets of arguments, in one process. */
  each(name: string, calls: readonly (readonly unknown[])[]): unknown[];
}

/**
 * A module of src/agent on each release that is at hand; says so if there is none. Functions of `program`, which
 * knows it as `module`, can be called, too.
 */
export async function agentModules(name: string, program = ''): Promise<AgentModule[]> {
  const modules = Object.fromEntries(
    (await compileUcode(fileURLToPath(new URL('../../src/agent', import.meta.url)))).map((module) => [
      module.name,
      module.text
    ])
  );
  const ucodes = await findUcodes();
  if (ucodes.length === 0) console.log(`skipped: ${name} on ucode: there is no OpenWrt root tree`);
  return ucodes.map((ucode) => {
    const each: AgentModule['each'] = (fn, calls) => {
      const { output, code } = ucode.run(['ucode', '/mnt/calls.uc'], {
        ...modules,
        'calls.json': JSON.stringify(calls),
        'calls.uc': caller(name, program, fn)
      });
      if (code !== 0) throw new Error(output);
      return JSON.parse(output) as unknown[];
    };
    return { release: ucode.release, each, call: (fn, ...args) => each(fn, [args])[0] };
  });
}

function caller(module: string, program: string, fn: string): string {
  const called = program.includes(`function ${fn}(`) ? fn : `module.${fn}`;
  return `'use strict';
import { readfile } from 'fs';
import * as module from '/mnt/agent/${module}.uc';
${program}
print(sprintf('%J', map(json(readfile('/mnt/calls.json')), (args) => ${called}(...args))));
`;
}
