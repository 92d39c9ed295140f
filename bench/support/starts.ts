import type { OpenWrt } from '../../dev/router/router.ts';

/** Tells what has been started of these programs since: each with its arguments and who started it. */
export interface Starts {
  list(): Promise<string[]>;
}

/** Stands in the way of programs of a router, and has each start written down. Throws if that does not work. */
export async function countStarts(router: OpenWrt, programs: readonly string[]): Promise<Starts> {
  const paths: string[] = [];
  for (const program of programs) {
    const path = (await router.succeed(`command -v ${program}`)).trim();
    paths.push(path);
    const target = (await router.succeed(['readlink', '-f', path])).trim();
    const isApplet = target.endsWith('/busybox');
    await router.succeed(['mv', path, `${path}.real`]);
    const real = isApplet ? `${target} ${program}` : `${path}.real`;
    await router.write(path, standIn(program, real), 0o755);
  }
  const list = async (): Promise<string[]> =>
    ((await router.read('tmp/starts')) ?? '').split('\n').filter((line) => line !== '');
  // By their paths: busybox runs its own applets by themselves.
  for (const path of paths) await router.exec([path]);
  const seen = await list();
  if (seen.length < programs.length)
    throw new Error(`of starts, only these are written down: ${seen.join()}`);
  await router.write('tmp/starts', '');
  return { list };
}

function standIn(program: string, real: string): string {
  return `#!/bin/sh
echo "${program} $* of $(tr '\\0' ' ' </proc/$PPID/cmdline)" >>/tmp/starts
exec ${real} "$@"
`;
}
