import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fingerprintOf } from '../mirror/usign.ts';

/** A mirror of compact builds that routers with this package know from the start. */
export interface BuiltInMirror {
  /** With https, as in `list mirror`. */
  url: string;
  /** The text of a public key's file, of usign's or signify's format. */
  publicKey: string;
}

/** `--mirror=URL --key=FILE`; undefined without both. Throws one line if they make no sense. */
export async function readBuiltInMirror(args: readonly string[]): Promise<BuiltInMirror | undefined> {
  const options = { mirror: { type: 'string' }, key: { type: 'string' } } as const;
  const { mirror: url, key } = parseArgs({ args: [...args], options }).values;
  if (url === undefined && key === undefined) return undefined;
  if (url === undefined) throw new Error("--mirror is missing: the address of the key's mirror");
  if (key === undefined) throw new Error("--key is missing: the file of the mirror's public key");
  if (!/^https:\/\/[\w.:/~-]+$/.test(url))
    throw new Error(`--mirror cannot be '${url}': it is an https address`);
  const publicKey = await readFile(key, 'utf8');
  if (fingerprintOf(publicKey) === undefined)
    throw new Error(`--key cannot be ${key}: it is no public key's file`);
  return { url, publicKey };
}

/** Adds it to the tree that the package installs; returns the key's path there, which belongs to the user then. */
export async function addMirror(root: string, { url, publicKey }: BuiltInMirror): Promise<string> {
  const keys = '/etc/tailscale-ram/keys';
  const path = `${keys}/${fingerprintOf(publicKey) ?? ''}`;
  await appendFile(join(root, 'etc/config/tailscale-ram'), `\tlist mirror '${url.replace(/\/$/, '')}'\n`);
  await mkdir(join(root, keys), { recursive: true });
  await writeFile(join(root, path), publicKey, { mode: 0o644 });
  return path;
}
