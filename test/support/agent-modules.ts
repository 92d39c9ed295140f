import { runtimesOf } from './vectors.ts';

/** A module of the agent on Node and on real ucodes. */
export interface AgentModule {
  /** The release of OpenWrt, such as `25.12`, or `Node`. */
  release: string;
  /** What a function returns for arguments that JSON can say; throws what it throws. */
  call(name: string, ...args: readonly unknown[]): unknown;
  /** The same for many sets of arguments, in one process. */
  each(name: string, calls: readonly (readonly unknown[])[]): unknown[];
}

/**
 * A module of src/agent everywhere. Functions of `program`, which knows it as `module`, can be called, too.
 */
export async function agentModules(name: string, program = ''): Promise<AgentModule[]> {
  const runtimes = await runtimesOf(`src/agent/${name}.ts`, program);
  return runtimes.map((runtime) => ({ ...runtime, release: runtime.name.replace('ucode ', '') }));
}
