import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePrograms } from '../dev/setup/debian.ts';
import { isOfficial } from './archs.ts';
import { compile, compilerVersion, newestVersion } from './compile.ts';
import { newestOf } from './index.ts';
import { makeMirror } from './make.ts';
import { readManifest, type Manifest } from './manifest.ts';
import { takeOfficial } from './official.ts';
import { readOptions, usage, type Options } from './options.ts';
import { newKeyPair, readSecretKey, type SigningKey } from './usign.ts';

/** `npm run mirror -- OPTIONS`: see `usage`. */

if (process.argv.includes('--help')) {
  console.log(usage);
} else {
  try {
    await mirror(readOptions(process.argv.slice(2)));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

async function mirror(options: Options): Promise<void> {
  const { out, newKey, archs, flavours, date, retired } = options;
  if (newKey !== undefined) await writeKeyPair(newKey, options.name ?? '');
  const files = newKey === undefined ? options.keys : [...options.keys, `${newKey}.sec`];
  const keys = await Promise.all(files.map(readKey));
  const [firstKey] = keys;
  if (out === undefined || firstKey === undefined) return;

  const previous = await readPrevious(
    options.previous ?? join(out, 'manifest'),
    options.previous !== undefined
  );
  const { name } = firstKey;
  for (const other of [options.name, previous?.name, ...keys.map((key) => key.name)])
    if (other !== undefined && other !== name)
      throw new Error(`The key is that of ${name}, and routers would refuse ${other}`);
  if ((await ensurePrograms(['flock', 'mksquashfs'])).includes('mksquashfs'))
    throw new Error('mksquashfs is needed, of the package squashfs-tools');

  const versions = new Set<string>();
  for (const version of options.versions)
    versions.add(version === 'latest' ? await newestVersion() : version);
  if (options.official)
    await takeOfficial(join(out, 'official'), newestOf([...versions]), archs.filter(isOfficial));
  const compiler = await compilerVersion();
  const wanted = {
    out,
    name,
    keys,
    retired,
    versions: [...versions],
    archs,
    flavours,
    date,
    previous,
    compiler
  };
  const { number, builds } = await makeMirror(wanted, compile);
  console.log(`${out}: ${name}, number ${number}, ${builds.length} builds, signed by ${shown(keys)}`);
}

async function writeKeyPair(file: string, name: string): Promise<void> {
  const { secretKey, publicKey } = newKeyPair(name);
  // Never over a key that is in use.
  await writeFile(`${file}.sec`, secretKey, { mode: 0o600, flag: 'wx' });
  await writeFile(`${file}.pub`, publicKey);
  console.log(
    `${file}.sec is the secret key: keep a copy where nobody else gets it. ${file}.pub is for routers.`
  );
}

async function readKey(file: string): Promise<SigningKey> {
  const text = await readFile(file, 'utf8');
  try {
    return readSecretKey(text);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

async function readPrevious(file: string, mustExist: boolean): Promise<Manifest | undefined> {
  try {
    return readManifest(await readFile(file, 'utf8'));
  } catch (error) {
    if (!mustExist && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

function shown(keys: readonly SigningKey[]): string {
  return keys.map(({ fingerprint }) => fingerprint).join(' and ');
}
