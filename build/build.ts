import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildApk, findApk } from './apk.ts';
import { addMirror, readBuiltInMirror, type BuiltInMirror } from './built-in-mirror.ts';
import { buildFeed } from './feed.ts';
import { buildTranslations } from './i18n/build.ts';
import { buildIpk } from './ipk.ts';
import { readPackageInfo, repository, type PackageInfo } from './package.ts';
import { buildRoot } from './root.ts';

/**
 * `npm run build [-- --mirror=URL --key=FILE]`: what is installed as trees, `dist/root/` and one of each language in
 * `dist/i18n/`, and as packages. Returns what to tell a person.
 */
export async function build(mirror?: BuiltInMirror): Promise<string[]> {
  const dist = new URL('dist/', repository);
  const root = fileURLToPath(new URL('root', dist));
  const i18n = fileURLToPath(new URL('i18n', dist));
  const info = await readPackageInfo();
  const apk = findApk();
  const said: string[] = [];
  const save = async (name: string, content: Buffer): Promise<void> => {
    await writeFile(new URL(name, dist), content);
    said.push(`dist/${name}: ${(content.length / 1024).toFixed(1)} KiB`);
  };
  const savePackages = async (tree: string, info: PackageInfo): Promise<void> => {
    await save(`${info.name}_${info.version}_all.ipk`, await buildIpk(tree, info));
    if (apk) await save(`${info.name}-${info.version}.apk`, await buildApk(apk, tree, info));
  };

  await mkdir(dist, { recursive: true });
  await buildRoot(root);
  if (mirror) info.conffiles.push(await addMirror(root, mirror));
  const translations = await buildTranslations(i18n);
  await savePackages(root, info);
  await save(`${info.name}-${info.version}.tar.gz`, await buildFeed(root, info, i18n));
  if (!apk) said.push('no .apk: that takes apk-tools 3, as `apk` or named by the environment variable APK');
  said.push(...translations.map(({ said }) => said));
  for (const { tree, info } of translations) await savePackages(tree, info);
  return said;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mirror = await readBuiltInMirror(process.argv.slice(2)).catch((error: unknown) => {
    console.error((error as Error).message);
    process.exit(2);
  });
  for (const line of await build(mirror)) console.log(line);
}
