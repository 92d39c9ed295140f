import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes a file of the mirror in one step, so that a server never serves half of it. */
export async function publish(out: string, path: string, content: string): Promise<void> {
  await publishMade(out, path, (unfinished) => writeFile(unfinished, content));
}

/** The same with what `make` writes to the path that it is given. */
export async function publishMade(
  out: string,
  path: string,
  make: (unfinished: string) => Promise<void>
): Promise<void> {
  const target = join(out, path);
  const unfinished = `${target}.new`;
  await mkdir(dirname(target), { recursive: true });
  await rm(unfinished, { force: true });
  await make(unfinished);
  await rename(unfinished, target);
}

/** Removes what is in a folder of the mirror, matches the pattern, and is not to be kept. */
export async function withdraw(folder: string, pattern: RegExp, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (pattern.test(name) && !kept.has(name)) await rm(join(folder, name));
}
