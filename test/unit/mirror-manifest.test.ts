import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ascending, newestOf, renderIndex } from '../../mirror/index.ts';
import {
  expiry,
  nextNumber,
  readManifest,
  renderManifest,
  type Build,
  type Manifest
} from '../../mirror/manifest.ts';
import { readOptions } from '../../mirror/options.ts';
import { buildTags, flavours, idlePreferences, leftOut, missingPaths } from '../../mirror/tags.ts';

/** What a mirror says of itself, and what it is asked for. */

const build = (version: string, flavour: string, form: Build['form'], file: string): Build => {
  return {
    arch: 'mipsle',
    flavour,
    form,
    version,
    fileBytes: 6_500_000,
    keptBytes: 19_900_000,
    sha256: 'ab'.repeat(32),
    file
  };
};
const manifest: Manifest = {
  name: 'tailscale.example.org',
  number: 26112201,
  date: '2026-11-22',
  until: '2027-05-22',
  package: '0.1.0',
  keys: [['0123456789abcdef', 'RWQBI0VniavN7w==']],
  retired: ['fedcba9876543210'],
  builds: [
    build('1.102.5', 'compact', 'tailscaled', 'tailscale_1.102.5_mipsle_compact.tgz'),
    build('1.102.5', 'compact-ssh', 'image', 'tailscale_1.102.5_mipsle_compact-ssh_image.tgz')
  ]
};

const test = suite("a mirror's manifest");

test('is text, one item a line', () => {
  const sum = 'ab'.repeat(32);
  assert.is(
    renderManifest(manifest),
    `tailscale-ram-mirror 1
name tailscale.example.org
number 26112201
date 20261122
until 20270522
package 0.1.0
key 0123456789abcdef RWQBI0VniavN7w==
retire fedcba9876543210
build mipsle compact tailscaled 1.102.5 6500000 19900000 ${sum} tailscale_1.102.5_mipsle_compact.tgz
build mipsle compact-ssh image 1.102.5 6500000 19900000 ${sum} tailscale_1.102.5_mipsle_compact-ssh_image.tgz
`
  );
  assert.equal(readManifest(renderManifest(manifest)), manifest);
  assert.throws(() => readManifest('<!DOCTYPE html>'), /no manifest/);
  assert.throws(() => readManifest('tailscale-ram-mirror 1\nname x\n'), /no number/);
});

test('has a number that only grows', () => {
  assert.is(nextNumber('2026-11-22'), 26112201);
  assert.is(nextNumber('2026-11-22', 26112201), 26112202);
  assert.is(nextNumber('2026-11-23', 26112202), 26112301);
  // A clock that was wrong, or went back.
  assert.is(nextNumber('2026-11-23', 27010101), 27010102);
  assert.is(nextNumber('2026-11-23', 26112399), 26112400);
  assert.is(nextNumber('2026-11-24', 26112400), 26112401);
  // The router's shell compares numbers of 32 bits.
  assert.ok(nextNumber('2099-12-31') < 2 ** 31);
});

test('is good for six months', () => {
  assert.is(expiry('2026-11-22'), '2027-05-22');
  assert.is(expiry('2026-08-31'), '2027-02-28');
  assert.is(expiry('2027-08-31'), '2028-02-29');
  assert.is(expiry('2026-12-31'), '2027-06-30');
});

test("goes with an index that lists the newest version's plain builds", () => {
  const older = build('1.98.10', 'compact', 'tailscaled', 'tailscale_1.98.10_mipsle_compact.tgz');
  assert.equal(JSON.parse(renderIndex([older, ...manifest.builds])), {
    Version: '1.102.5',
    TarballsVersion: '1.102.5',
    Tarballs: { mipsle: 'tailscale_1.102.5_mipsle_compact.tgz' },
    Sizes: { mipsle: { tailscaled: 19_900_000, tailscale: 0, archive: 6_500_000 } }
  });
  assert.equal(ascending(['1.102.5', '1.98.10', '1.102.10']), ['1.98.10', '1.102.5', '1.102.10']);
  assert.is(newestOf(['1.98.10', '1.102.5', '1.102.10', '1.9.9']), '1.102.10');
});

test('options that make no sense are refused in one line', () => {
  const needed = ['--out=x', '--key=y'];
  const cases: [string[], RegExp][] = [
    [['--key=y'], /^--out is missing/],
    [['--out=x'], /^--key is missing/],
    [[...needed, '--name=a b'], /^--name cannot be 'a b'/],
    [[...needed, '--name=a\nb'], /^--name cannot be/],
    [[...needed, '--name='], /^--name cannot be/],
    [[...needed, '--name=.org'], /^--name cannot be/],
    [[...needed, '--name=../keys'], /^--name cannot be/],
    [[...needed, '--retire=0123'], /^--retire cannot be '0123'/],
    [['--new-key=k'], /^--name is missing/],
    [[...needed, '--arch=mipsle,vax'], /^--arch cannot be 'vax': it is one of 386, amd64, /],
    [[...needed, '--arch=toString'], /^--arch cannot be/],
    [[...needed, '--flavour=tiny'], /^--flavour cannot be 'tiny': it is one of compact, compact-ssh/],
    [[...needed, '--version=../1'], /^--version cannot be/],
    [[...needed, '--date=2026-02-30'], /^--date cannot be/],
    [[...needed, '--speed=9'], /--speed/]
  ];
  for (const [args, expected] of cases) assert.throws(() => readOptions(args), expected);
});

test('options have defaults', () => {
  const options = readOptions(['--out=x', '--key=y', '--key=z'], new Date('2026-11-22T23:00:00Z'));
  assert.is(options.date, '2026-11-22');
  assert.equal(options.keys, ['y', 'z']);
  assert.equal(options.flavours, ['compact', 'compact-ssh']);
  assert.ok(options.archs.includes('mipsle') && options.archs.includes('loong64'));
  assert.equal(readOptions(['--new-key=k', '--name=example.org']).keys, []);
});

test('the flavours differ by SSH', () => {
  const [tags, withSsh] = [buildTags('compact'), buildTags('compact-ssh')].map((text) => text.split(','));
  assert.equal(
    tags?.filter((tag) => !withSsh?.includes(tag)),
    ['ts_omit_ssh']
  );
  assert.ok(withSsh?.includes('ts_include_cli'));
  const kept = [
    'cli',
    'dns',
    'netstack',
    'osrouter',
    'ipnbus',
    'logtail',
    'unixsocketidentity',
    'useexitnode'
  ];
  for (const feature of kept) assert.not(feature in leftOut, feature);
  assert.equal(missingPaths('compact'), missingPaths('compact-ssh'));
  assert.equal(
    idlePreferences('compact').filter((name) => name !== 'ssh'),
    idlePreferences('compact-ssh')
  );
});

test('mirror/README.md lists what is left out, as the table has it', () => {
  const text = readFileSync(new URL('../../mirror/README.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` +\| +([\d.]*) +\| (.*?) +\|$/gm)].map((row) => row.slice(1));
  assert.equal(
    rows,
    Object.entries(leftOut).map(([feature, { loses, saves }]) => [
      feature,
      saves === undefined ? '' : (saves / 1e6).toFixed(2),
      loses
    ])
  );
  for (const name of idlePreferences('compact')) assert.ok(text.includes(`\`${name}\``), name);
  for (const path of missingPaths('compact')) assert.ok(text.includes(`\`${path}\``), path);
  for (const flavour of Object.keys(flavours)) assert.ok(text.includes(`\`${flavour}\``), flavour);
});

test.run();
