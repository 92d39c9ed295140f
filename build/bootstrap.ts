import { readFile } from 'node:fs/promises';
import { archs, unsupportedArchs, type Arch, type ArchKey } from '../src/shared/arch.ts';
import { errors } from '../src/shared/errors.ts';
import { compactPeakMegabytes, compactSparesMegabytes, daemonPeakMegabytes } from '../src/shared/memory.ts';
import { keptSizes } from '../src/shared/sizes.ts';
import { minimumVersion32Bit } from '../src/shared/versions.ts';
import { readPackageInfo } from './package.ts';

/**
 * The script's parts, in the order in which they are joined; the last one calls `main`. The first two are installed once
 * more, in a package near enough to it to cost next to nothing.
 */
const parts = [
  'other',
  'checks',
  'settings',
  'state',
  'process',
  'directories',
  'network',
  'arch',
  'memory',
  'history',
  'download',
  'index',
  'manifest',
  'image',
  'cache',
  'unpack',
  'transfer',
  'obtain',
  'main'
] as const;

type Part = (typeof parts)[number];

/** The bootstrap as installed: the tables of `src/shared` and the parts of `src/bootstrap`, without comments. */
export async function renderBootstrap(): Promise<string> {
  return withoutComments(await joinBootstrap());
}

/** One part of it, or what lies beside them, for other scripts that source it. */
export async function renderPart(name: Part | 'identity'): Promise<string> {
  return withoutComments(await readPart(name));
}

/** The same with comments, as the linter reads it. */
export async function joinBootstrap(): Promise<string> {
  const sources = await Promise.all(parts.map((part) => readPart(part)));
  const { version } = await readPackageInfo();
  return ['#!/bin/sh\nset -u\n', renderTables(version), ...sources].join('\n');
}

/**
 * Flash is scarce, and who reads a script reads it here. Lines must not begin with `#` in its texts, nor mean anything
 * by the tabs they begin with. A test's `-n` is left out, too.
 */
export function withoutComments(script: string): string {
  if (/<<['"\\]?[A-Za-z_]/.test(script)) throw new Error(`a here-document has to begin with <<-:\n${script}`);
  const said = script.replace(/^\t*(#(?!!).*\n)?/gm, '').replace(/\n{2,}/g, '\n');
  return said.replace(/\[ -n ("[^"]*"|\$\w+) \]/g, '[ $1 ]');
}

/** Shell functions and constants that answer from the tables in `src/shared`, and the package's version. */
export function renderTables(version: string): string {
  const exact = ([, { distrib }]: [string, Arch]): boolean =>
    !distrib.some((pattern) => pattern.includes('*'));
  const all = Object.entries<Arch>(archs);
  // What is written out comes before what only matches a pattern.
  const entries = [...all.filter(exact), ...all.filter((entry) => !exact(entry))];
  // A newer version is a little larger than the one that was measured. Bytes by the hundred thousand: shorter to write.
  const size = (measured: number): number => Math.ceil((measured * 1.05) / 100_000);
  const rows = entries.map(([key, { bits, endian, elfMachine, distrib }]) => {
    const { tailscaled, tailscale } = keptSizes[key as ArchKey];
    const elf = [bits === 32 ? 1 : 2, endian === 'little' ? 1 : 2, elfMachine].join(':');
    return {
      names: [key, ...(elfMachine === undefined ? [] : [elf]), ...distrib],
      values: [key, size(tailscaled), size(tailscale), ...(bits === 32 ? [minimumVersion32Bit] : [])]
    };
  });
  const blocking = Object.entries(errors)
    .filter(([, then]) => then === 'blocked')
    .map(([code]) => code);
  return [
    `DAEMON_MB=${daemonPeakMegabytes.default}`,
    `DAEMON_MB_GOGC_50=${daemonPeakMegabytes.gogc50}`,
    `DAEMON_MB_GOGC_20=${daemonPeakMegabytes.gogc20}`,
    `COMPACT_DAEMON_MB=${compactPeakMegabytes - compactSparesMegabytes}`,
    `PACKAGE_VERSION=${version}`,
    caseFunction(
      'about_arch',
      [
        ...rows.map(({ names, values }) => `${names.join(' | ')}) set -- ${values.join(' ')} ;;`),
        `${unsupportedArchs.join(' | ')}) set -- unsupported ;;`,
        `*) set -- '' ;;`
      ],
      ['key=$1 daemon_size=${2:-}00000 cli_size=${3:-}00000 minimum=${4:-0}']
    ),
    caseFunction('is_blocking', [`${blocking.join(' | ')}) ;;`, '*) return 1 ;;'])
  ].join('\n');
}

function readPart(name: string): Promise<string> {
  return readFile(new URL(`../src/bootstrap/${name}.sh`, import.meta.url), 'utf8');
}

function caseFunction(name: string, cases: readonly string[], then: readonly string[] = []): string {
  const lines = ['case $1 in', ...cases, 'esac', ...then];
  return `${name}() {\n${lines.map((line) => `\t${line}\n`).join('')}}\n`;
}
