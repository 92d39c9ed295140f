import { parseArgs } from 'node:util';
import { testVersions } from '../src/shared/test-versions.ts';
import { mirrorArchs } from './archs.ts';
import { flavours, isFlavour, type Flavour } from './tags.ts';

export const usage = `npm run mirror -- --out=DIR --key=SECRET [OPTIONS]: compact builds of Tailscale, as files for a web server

  --out=DIR           the mirror's folder; one that is there is renewed
  --key=SECRET        a secret key's file, of usign's or signify's format; twice while a key is replaced
  --new-key=FILE      make FILE.sec and FILE.pub first, and sign with them; needs --name
  --name=NAME         which mirror it is, such as tailscale.example.org, wherever it is served from
  --retire=KEYS       fingerprints of keys that routers are to forget, with commas
  --version=VERSIONS  ${testVersions.latest} unless told; \`latest\`: the newest stable release; several with commas
  --arch=KEYS         processors, with commas; unless told all: ${Object.keys(mirrorArchs).join(', ')}
  --flavour=KINDS     with commas; unless told all: ${Object.keys(flavours).join(', ')}
  --previous=FILE     the manifest before this one, where DIR does not hold it
  --date=2026-11-22   the manifest's, unless it is today
  --official          mirror Tailscale's own archives, too, each with its signature checked
`;

export interface Options {
  /** Absent if only keys are made. */
  out?: string | undefined;
  /** Files of secret keys. */
  keys: string[];
  newKey?: string | undefined;
  name?: string | undefined;
  /** As they were given: \`latest\` is one. */
  versions: string[];
  archs: string[];
  flavours: Flavour[];
  retired: string[];
  previous?: string | undefined;
  date: string;
  official: boolean;
}

/** Throws one line if they make no sense. */
export function readOptions(args: readonly string[], today = new Date()): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: 'string' },
      key: { type: 'string', multiple: true, default: [] },
      'new-key': { type: 'string' },
      name: { type: 'string' },
      retire: { type: 'string' },
      version: { type: 'string', default: testVersions.latest },
      arch: { type: 'string', default: Object.keys(mirrorArchs).join() },
      flavour: { type: 'string', default: Object.keys(flavours).join() },
      previous: { type: 'string' },
      date: { type: 'string', default: today.toISOString().slice(0, 10) },
      official: { type: 'boolean', default: false }
    }
  });
  const { out, key: keys, 'new-key': newKey, name, date, previous, official } = values;
  if (out === undefined && newKey === undefined) throw new Error("--out is missing: the mirror's folder");
  if (keys.length === 0 && newKey === undefined)
    throw new Error('--key is missing: --new-key=FILE makes one');
  // It is a file's name on the router.
  if (name !== undefined && !/^[A-Za-z\d][A-Za-z\d.-]{0,99}$/.test(name))
    throw refusal('name', name, 'up to 100 letters, digits, dots and dashes');
  if (newKey !== undefined && name === undefined) throw new Error('--name is missing: whose key it is');
  const retired =
    values.retire === undefined ? [] : list('retire', values.retire, '16 hexadecimal digits', isKey);
  if (!isDate(date)) throw refusal('date', date, 'one like 2026-11-22');
  const versions = list('version', values.version, 'one like 1.102.5, or latest', (version) =>
    /^(1\.\d+\.\d+|latest)$/.test(version)
  );
  const archs = list('arch', values.arch, `one of ${Object.keys(mirrorArchs).join(', ')}`, (arch) =>
    Object.hasOwn(mirrorArchs, arch)
  );
  const kinds = list('flavour', values.flavour, `one of ${Object.keys(flavours).join(', ')}`, isFlavour);
  return {
    out,
    keys,
    newKey,
    name,
    retired,
    versions,
    archs,
    flavours: kinds.filter(isFlavour),
    previous,
    date,
    official
  };
}

/** Each once, in the order in which they were given. */
function list(name: string, value: string, expected: string, isOne: (element: string) => boolean): string[] {
  const elements = [...new Set(value.split(','))];
  const wrong = elements.find((element) => !isOne(element));
  if (wrong !== undefined) throw refusal(name, wrong, expected);
  return elements;
}

function isKey(text: string): boolean {
  return /^[\da-f]{16}$/.test(text);
}

function isDate(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function refusal(name: string, value: string, expected: string): Error {
  return new Error(`--${name} cannot be '${value}': it is ${expected}`);
}
