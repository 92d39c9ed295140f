import { readFile } from 'node:fs/promises';
import { archs, unsupportedArchs, type Arch } from '../src/shared/arch.ts';
import { errors } from '../src/shared/errors.ts';
import { daemonPeakMegabytes } from '../src/shared/memory.ts';
import { keptSizes } from '../src/shared/sizes.ts';
import { minimumVersion32Bit } from '../src/shared/versions.ts';

/**
 * The script's parts, in the order in which they are joined; the last one calls `main`. The first is installed once more,
 * in a package near enough to it to cost next to nothing.
 */
const parts = [
  'other',
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
  'cache',
  'unpack',
  'transfer',
  'obtain',
  'main'
] as const;

/** The bootstrap as installed: the tables of `src/shared` and the parts of `src/bootstrap`, without comments. */
export async function renderBootstrap(): Promise<string> {
  return withoutComments(await joinBootstrap());
}

/** One part of it, for other scripts that source it. */
export async function renderPart(name: (typeof parts)[number]): Promise<string> {
  return withoutComments(await readPart(name));
}

/** The same with comments, as the linter reads it. */
export async function joinBootstrap(): Promise<string> {
  const sources = await Promise.all(parts.map((part) => readPart(part)));
  return ['#!/bin/sh\nset -u\n', renderTables(), ...sources].join('\n');
}

/**
 * Flash is scarce, and who reads a script reads it here. Lines must not begin with `#` in its texts, nor mean anything
 * by the tabs they begin with.
 */
export function withoutComments(script: string): string {
  if (/<<['"\\]?[A-Za-z_]/.test(script)) throw new Error(`a here-document has to begin with <<-:\n${script}`);
  return script.replace(/^\t*(#(?!!).*\n)?/gm, '').replace(/\n{2,}/g, '\n');
}

/** Shell functions and constants that answer from the tables in `src/shared`. */
export function renderTables(): string {
  const entries = Object.entries<Arch>(archs);
  // What is written out comes before what only matches a pattern.
  const distrib = entries
    .flatMap(([key, { distrib }]) => distrib.map((pattern) => ({ pattern, key })))
    .sort((a, b) => Number(a.pattern.includes('*')) - Number(b.pattern.includes('*')))
    .map(({ pattern, key }) => `${pattern}) echo ${key} ;;`);
  const elf = entries.flatMap(([key, { bits, endian, elfMachine }]) =>
    elfMachine === undefined
      ? []
      : [`'${bits === 32 ? 1 : 2} ${endian === 'little' ? 1 : 2} ${elfMachine}') echo ${key} ;;`]
  );
  const small = entries.filter(([, { bits }]) => bits === 32).map(([key]) => key);
  // A newer version is a little larger than the one that was measured.
  const sizes = Object.entries(keptSizes).map(
    ([key, { tailscaled, tailscale }]) =>
      `${key}) echo ${Math.ceil(tailscaled * 1.05)} ${Math.ceil(tailscale * 1.05)} ;;`
  );
  const blocking = Object.entries(errors)
    .filter(([, then]) => then === 'blocked')
    .map(([code]) => code);
  return [
    `MINIMUM_VERSION_32_BIT=${minimumVersion32Bit}`,
    `DAEMON_MB=${daemonPeakMegabytes.default}`,
    `DAEMON_MB_GOGC_50=${daemonPeakMegabytes.gogc50}`,
    `DAEMON_MB_GOGC_20=${daemonPeakMegabytes.gogc20}`,
    caseFunction('arch_of_distrib', [...distrib, `${unsupportedArchs.join(' | ')}) echo unsupported ;;`]),
    caseFunction('arch_of_elf', elf),
    caseFunction('is_arch', [`${entries.map(([key]) => key).join(' | ')}) ;;`, '*) return 1 ;;']),
    caseFunction('is_32_bit', [`${small.join(' | ')}) ;;`, '*) return 1 ;;']),
    caseFunction('is_blocking', [`${blocking.join(' | ')}) ;;`, '*) return 1 ;;']),
    caseFunction('kept_sizes', sizes)
  ].join('\n');
}

function readPart(name: string): Promise<string> {
  return readFile(new URL(`../src/bootstrap/${name}.sh`, import.meta.url), 'utf8');
}

function caseFunction(name: string, cases: readonly string[]): string {
  return `${name}() {\n\tcase $1 in\n${cases.map((line) => `\t${line}\n`).join('')}\tesac\n}\n`;
}
