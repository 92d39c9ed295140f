/**
 * The signed list of what a mirror has: text that a shell reads line by line, its fields parted by one blank. It is
 * what a router believes; archives and index are only believed as far as they agree with it.
 */

/** What an archive holds: the binary itself, or a squashfs image of it. */
export type Form = 'tailscaled' | 'image';

export interface Build {
  arch: string;
  flavour: string;
  form: Form;
  version: string;
  /** Bytes of the archive. */
  fileBytes: number;
  /** Bytes of its one member, which are kept in RAM. */
  keptBytes: number;
  /** Of the archive: 64 hexadecimal digits. */
  sha256: string;
  /** The archive's name. */
  file: string;
}

export interface Manifest {
  /** Which mirror it is of, wherever it is served from: without blanks. */
  name: string;
  /** Grows with each manifest: a router takes none that is lower than what it has seen. Less than 2^31. */
  number: number;
  /** `2026-11-22`. */
  date: string;
  /** From this day on a router warns that nobody has renewed it. */
  until: string;
  /** The first version of the router's package that can use it. */
  package: string;
  /** Keys that routers trust from now on: fingerprint and base64, as in a public key's file. */
  keys: readonly (readonly [fingerprint: string, base64: string])[];
  /** Fingerprints of keys that they do not trust any more. */
  retired: readonly string[];
  builds: readonly Build[];
}

/** The manifest's bytes, which are signed. */
export function renderManifest(manifest: Manifest): string {
  const { name, number, date, until, keys, retired, builds } = manifest;
  const lines = [
    header,
    `name ${name}`,
    `number ${number}`,
    `date ${digits(date)}`,
    `until ${digits(until)}`,
    `package ${manifest.package}`,
    ...keys.map((key) => `key ${key.join(' ')}`),
    ...retired.map((fingerprint) => `retire ${fingerprint}`),
    ...builds.map((build) => {
      const { arch, flavour, form, version, fileBytes, keptBytes, sha256, file } = build;
      return `build ${arch} ${flavour} ${form} ${version} ${fileBytes} ${keptBytes} ${sha256} ${file}`;
    })
  ];
  return `${lines.join('\n')}\n`;
}

/** Reads what `renderManifest` wrote. Throws one line if it is none. */
export function readManifest(text: string): Manifest {
  const [first, ...lines] = text.split('\n');
  if (first !== header) throw new Error('it is no manifest of a mirror');
  const fields = lines.map((line) => line.split(' '));
  const value = (key: string): string => fields.find(([name]) => name === key)?.[1] ?? '';
  const number = Number(value('number'));
  if (!Number.isSafeInteger(number) || number <= 0) throw new Error('the manifest has no number');
  return {
    name: value('name'),
    number,
    date: dayOf(value('date')),
    until: dayOf(value('until')),
    package: value('package'),
    keys: fields.filter(([key]) => key === 'key').map(([, fingerprint = '', key = '']) => [fingerprint, key]),
    retired: fields.filter(([key]) => key === 'retire').map(([, fingerprint = '']) => fingerprint),
    builds: fields.filter(([key]) => key === 'build').map(readBuild)
  };
}

/** The number of a day's manifest: greater than the one before, and than any of the days before. */
export function nextNumber(date: string, previous = 0): number {
  return Math.max(Number(digits(date).slice(2)) * 100, previous) + 1;
}

/** The same day six months later, or that month's last. */
export function expiry(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  const sixLater = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 7, 0));
  sixLater.setUTCDate(Math.min(day.getUTCDate(), sixLater.getUTCDate()));
  return sixLater.toISOString().slice(0, 10);
}

/** A date as the shell compares it: `20261122`. */
function digits(date: string): string {
  return date.replaceAll('-', '');
}

function dayOf(text: string): string {
  return text.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
}

const header = 'tailscale-ram-mirror 1';

function readBuild(fields: readonly string[]): Build {
  const [, arch = '', flavour = '', form, version = '', fileBytes, keptBytes, sha256 = '', file = ''] =
    fields;
  return {
    arch,
    flavour,
    form: form === 'image' ? 'image' : 'tailscaled',
    version,
    fileBytes: Number(fileBytes),
    keptBytes: Number(keptBytes),
    sha256,
    file
  };
}
