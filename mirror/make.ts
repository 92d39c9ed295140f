import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packArchive, sha256Of } from './archive.ts';
import type { Compile } from './compile.ts';
import { makeImage } from './image.ts';
import { ascending, renderIndex } from './index.ts';
import { expiry, nextNumber, renderManifest, type Build, type Form, type Manifest } from './manifest.ts';
import { renderPage } from './page.ts';
import { publish, publishMade, withdraw } from './publish.ts';
import type { Flavour } from './tags.ts';
import { sign, type SigningKey } from './usign.ts';

/** What a mirror is to have. */
export interface Wanted {
  /** The folder of its files, which is made if it is not there. */
  out: string;
  name: string;
  /** Of the same mirror. */
  keys: readonly SigningKey[];
  /** Fingerprints of keys that routers are to forget. */
  retired?: readonly string[];
  versions: readonly string[];
  archs: readonly string[];
  flavours: readonly Flavour[];
  /** `2026-11-22`. */
  date: string;
  /** The manifest before this one, if there was one. */
  previous?: Manifest | undefined;
  /** What the builds are made with, such as `go1.26.8`. */
  compiler: string;
}

/**
 * Makes the files of a mirror, or renews them where they are served: archives first, the signed manifest last. What
 * the manifest before this one names stays, for routers that have just read it. Throws one line if a build fails;
 * the manifest is as it was then.
 */
export async function makeMirror(wanted: Wanted, compile: Compile): Promise<Manifest> {
  const { out, name, keys, date, previous } = wanted;
  const builds: Build[] = [];
  for (const version of ascending(wanted.versions))
    for (const arch of wanted.archs)
      for (const flavour of wanted.flavours) {
        const binary = await compile(version, arch, flavour);
        builds.push(await pack(out, binary, { version, arch, flavour, form: 'tailscaled' }));
        builds.push(await pack(out, binary, { version, arch, flavour, form: 'image' }));
      }

  const current = keys.map(({ fingerprint }) => fingerprint);
  // Once retired, always told: a router may have been off when it was first.
  const retired = new Set([...(previous?.retired ?? []), ...(wanted.retired ?? [])]);
  const manifest: Manifest = {
    name,
    number: nextNumber(date, previous?.number),
    date,
    until: expiry(date),
    package: leastPackage,
    keys: keys.map(({ fingerprint, publicKey }) => [fingerprint, publicKey.split('\n')[1] ?? '']),
    retired: [...retired].filter((fingerprint) => !current.includes(fingerprint)),
    builds
  };
  const text = renderManifest(manifest);
  const signatures = keys.map((key) => ({ file: `manifest.${key.fingerprint}.sig`, key }));
  await publish(out, 'index.html', renderPage(manifest, keys, wanted.compiler));
  await publish(out, 'stable/index.html', renderIndex(builds));
  for (const key of keys) await publish(out, `keys/${key.fingerprint}`, key.publicKey);
  for (const { file, key } of signatures) await publish(out, file, sign(Buffer.from(text), key));
  await publish(out, 'manifest', text);

  const named = [...builds, ...(previous?.builds ?? [])].flatMap(({ file }) =>
    ['', '.sha256', '.size'].map((suffix) => file + suffix)
  );
  await withdraw(join(out, 'stable'), /^tailscale_.*\.tgz/, new Set(named));
  await withdraw(join(out, 'keys'), /^[0-9a-f]{16}$/, new Set(current));
  await withdraw(out, /^manifest\..*\.sig$/, new Set(signatures.map(({ file }) => file)));
  return manifest;
}

/** The first version of the package that reads such manifests. */
const leastPackage = '0.1.0';

type What = Pick<Build, 'version' | 'arch' | 'form'> & { flavour: Flavour };

async function pack(out: string, binary: string, what: What): Promise<Build> {
  const { version, arch, flavour, form } = what;
  const folder = `tailscale_${version}_${arch}_${flavour}${formSuffix[form]}`;
  const file = `${folder}.tgz`;
  const path = join(out, 'stable', file);
  const keptBytes = await publishArchive(out, `stable/${file}`, binary, form, folder);
  const { size: fileBytes } = await stat(path);
  const sha256 = await sha256Of(path);
  await publish(out, `stable/${file}.sha256`, sha256);
  // Of the daemon, of the command line beside it, and of the archive, as the index has them.
  await publish(out, `stable/${file}.size`, `${keptBytes} 0 ${fileBytes}\n`);
  return { arch, flavour, form, version, fileBytes, keptBytes, sha256, file };
}

const formSuffix: Readonly<Record<Form, string>> = { tailscaled: '', image: '_image' };

/** Returns the bytes of the archive's member. */
async function publishArchive(
  out: string,
  path: string,
  binary: string,
  form: Form,
  folder: string
): Promise<number> {
  const work = await mkdtemp(join(tmpdir(), 'mirror-'));
  try {
    let member = binary;
    if (form === 'image') {
      member = join(work, 'image');
      await makeImage(binary, member);
    }
    await publishMade(out, path, (unfinished) => packArchive(member, `${folder}/${form}`, unfinished));
    return (await stat(member)).size;
  } finally {
    await rm(work, { recursive: true });
  }
}
