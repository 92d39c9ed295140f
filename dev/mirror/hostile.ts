import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ArchKey } from '../../src/shared/arch.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { cacheDir, makeOnce } from '../setup/cache.ts';
import { describeArchive, type Archive } from './archive.ts';
import { endOfArchive, padding, ustarHeader, type Member } from './ustar.ts';

/** What can be wrong with an archive whose checksum is right: the members in place of a daemon. */
const members = {
  'member-climbs-out': (folder, good) => [good, { name: `${folder}/../../../../escaped`, content: hostile }],
  'member-is-absolute': (_, good) => [good, { name: '/tmp/escaped', content: hostile }],
  'daemon-climbs-out': (folder) => [{ name: `${folder}/../tailscaled`, content: hostile }],
  'daemon-is-symlink': (_, { name }) => [{ name, type: 'symlink', linkName: '/bin/sh' }],
  'daemon-is-hardlink': (_, { name }) => [{ name, type: 'hardlink', linkName: '/bin/sh' }],
  'daemon-is-device': (_, { name }) => [{ name, type: 'device' }],
  'daemon-is-fifo': (_, { name }) => [{ name, type: 'fifo' }],
  'daemon-is-directory': (_, { name }) => [{ name: `${name}/`, type: 'directory' }],
  /** A link first, then a daemon that would be written through it. */
  'daemon-through-symlink': (_, good) => [
    { name: good.name, type: 'symlink', linkName: '/tmp/escaped' },
    good
  ],
  'two-daemons': (_, good) => [good, { ...good, content: hostile }],
  'without-daemon': () => [],
  'empty-daemon': (_, { name }) => [{ name }],
  /** 8 GiB by its header, a few bytes in truth. */
  'huge-size': (_, good) => [{ ...good, size: 0o77777777777 }],
  /** Extended headers that rename the next member: away from the daemon's name, or to it. */
  'pax-renames-daemon': (folder, good) => [pax('path', `${folder}/../../escaped`), good],
  'pax-names-daemon': (folder, { name }) => [pax('path', name), { name: `${folder}/notes`, content: hostile }]
} as const satisfies Record<string, (folder: string, good: Content) => Content[]>;

/** The same for files that no tar reader can make sense of. */
const files = {
  'not-gzip': () => hostile,
  'not-tar': () => gzipSync(hostile),
  empty: () => Buffer.alloc(0),
  /** A gzip stream that ends in the middle of the daemon. */
  'gzip-breaks-off': (tar) => gzipSync(tar, { level: 0 }).subarray(0, 4000)
} as const satisfies Record<string, (tar: Buffer) => Buffer>;

export type HostileKind = keyof typeof members | keyof typeof files;

export const hostileKinds = [...Object.keys(members), ...Object.keys(files)] as HostileKind[];

/**
 * An archive that must not be used though its checksum is right, for the mirror's fault `replaced`. Apart from
 * what its kind says it is good: scripts that print the version; those that must not be run or kept would
 * create `/tmp/hostile-ran`.
 */
export async function hostileArchive(
  kind: HostileKind,
  version: string = testVersions.latest,
  arch: ArchKey = 'amd64'
): Promise<Archive> {
  const folder = `tailscale_${version}_${arch}`;
  const content = script(`echo ${version}`);
  const good = { name: `${folder}/tailscaled`, content };
  const cli = { name: `${folder}/tailscale`, content };
  const directory: Content = { name: `${folder}/`, type: 'directory' };
  const bytes = isMembersKind(kind)
    ? gzipSync(tar([directory, ...members[kind](folder, good), cli]))
    : files[kind](tar([directory, good, cli]));

  const key = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const target = join(cacheDir('archives', key), `${folder}.tgz`);
  const path = await makeOnce(target, (unfinished) => writeFile(unfinished, bytes));
  return describeArchive(path, version, arch, { tailscaled: content.length, tailscale: content.length });
}

interface Content extends Member {
  content?: Buffer;
}

function isMembersKind(kind: HostileKind): kind is keyof typeof members {
  return kind in members;
}

/** Larger than a kilobyte: readers may refuse smaller ones for their size alone. */
function script(command: string): Buffer {
  return Buffer.from(`#!/bin/sh\n${command}\n${'# filler\n'.repeat(500)}`);
}

const hostile = script(': >/tmp/hostile-ran');

function pax(key: string, value: string): Content {
  const length = ` ${key}=${value}\n`.length;
  const digits = String(length + String(length).length).length;
  return {
    name: 'PaxHeaders/next',
    type: 'pax',
    content: Buffer.from(`${length + digits} ${key}=${value}\n`)
  };
}

function tar(contents: readonly Content[]): Buffer {
  const blocks = contents.flatMap(({ content = Buffer.alloc(0), ...member }) => [
    ustarHeader({ size: content.length, ...member }),
    content,
    padding(content.length)
  ]);
  return Buffer.concat([...blocks, endOfArchive()]);
}
