import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildApk, findApk } from './apk.ts';
import { buildFeed } from './feed.ts';
import { buildIpk } from './ipk.ts';
import { readPackageInfo, repository } from './package.ts';
import { buildRoot } from './root.ts';

/** `npm run build`: what is installed as a tree, `dist/root/`, and as packages. Returns what to tell a person. */
export async function build(): Promise<string[]> {
  const dist = new URL('dist/', repository);
  const root = fileURLToPath(new URL('root', dist));
  const info = await readPackageInfo();
  const said: string[] = [];
  const save = async (name: string, content: Buffer): Promise<void> => {
    await writeFile(new URL(name, dist), content);
    said.push(`dist/${name}: ${(content.length / 1024).toFixed(1)} KiB`);
  };

  await mkdir(dist, { recursive: true });
  await buildRoot(root);
  await save(`${info.name}_${info.version}_all.ipk`, await buildIpk(root, info));
  await save(`${info.name}-${info.version}.tar.gz`, await buildFeed(root, info));
  const apk = findApk();
  if (apk) await save(`${info.name}-${info.version}.apk`, await buildApk(apk, root, info));
  else said.push('no .apk: that takes apk-tools 3, as `apk` or named by the environment variable APK');
  return said;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const line of await build()) console.log(line);
}
