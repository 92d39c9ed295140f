import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repository } from './package.ts';
import type { UcodeModule } from './ucode.ts';

/**
 * The modules of a folder of this repository, compiled. `dist/ucode/` keeps them until anything that they are made of
 * has changed, because to check their types takes seconds. Throws with the compiler's messages if they are wrong.
 */
export async function modulesOf(folder: string): Promise<UcodeModule[]> {
  const name = folder.replaceAll('/', '-');
  const kept = new URL(`dist/ucode/${name}.json`, repository);
  // What it imports may lie beside it.
  const key = await hashOf([dirname(folder), 'build', 'types/ucode']);
  const last = await readFile(kept, 'utf8')
    .then((text) => JSON.parse(text) as { key: string; modules: UcodeModule[] })
    .catch(() => undefined);
  if (last?.key === key) return last.modules;

  // The compiler takes its time to load, too.
  const { compileUcode } = await import('./ucode.ts');
  const modules = await compileUcode(fileURLToPath(new URL(folder, repository)));
  await mkdir(new URL('.', kept), { recursive: true });
  // Whole or not at all: several may build at once.
  const written = new URL(`${name}.${randomUUID()}.json`, kept);
  await writeFile(written, JSON.stringify({ key, modules }));
  await rename(written, kept);
  return modules;
}

/** Of the sources in these folders, of the compiler, and of what the compiler is told. */
async function hashOf(folders: readonly string[]): Promise<string> {
  const files = ['package-lock.json', 'tsconfig.base.json', 'tsconfig.ucode.json'];
  for (const folder of folders) {
    const names = await readdir(new URL(folder, repository), { recursive: true });
    files.push(...names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`));
  }
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const text = await readFile(new URL(file, repository));
    hash.update(`${file} ${text.length}\n`).update(text);
  }
  return hash.digest('hex');
}
