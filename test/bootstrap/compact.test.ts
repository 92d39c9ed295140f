import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { goDaemon } from '../../dev/setup/go.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { makeMirror } from '../../mirror/make.ts';
import { readManifest, type Manifest } from '../../mirror/manifest.ts';
import { newKeyPair, readSecretKey, sign, type SigningKey } from '../../mirror/usign.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { serveFolder } from '../support/folder-server.ts';
import { Cases } from './cases.ts';
import { useCompactMirror } from './compact-mirror.ts';
import { ground } from './ground.ts';
import type { Sandbox } from './sandbox.ts';

/** Compact builds from a mirror: whose manifest is believed, what lies in RAM, and which build is taken. */

const cases = new Cases('compact builds', 4);

const name = 'mirror.example';
const [first, second, foreign] = [newKey(), newKey(), newKey()] as const;

interface Published {
  keys?: readonly SigningKey[];
  retired?: readonly string[];
  name?: string;
  date?: string;
  version?: string;
}

/** A mirror in a folder, and a router that is to use it and trusts the first key. */
interface Mirrored {
  sandbox: Sandbox;
  out: string;
  publish: (options?: Published) => Promise<void>;
}

function add(title: string, body: (mirrored: Mirrored) => Promise<void>, published: Published = {}): void {
  cases.add(title, async ({ sandbox }) => {
    const out = await mkdtemp(join(await ground(), 'mirror-'));
    const server = await serveFolder(out);
    try {
      const publish = (options: Published = {}) => publishIn(out, options);
      await publish(published);
      await useCompactMirror(sandbox, server, first);
      sandbox.env['TSR_RETRY_MAX_S'] = '1';
      await body({ sandbox, out, publish });
    } finally {
      await sandbox.stop();
      await server.close();
      await rm(out, { recursive: true });
    }
  });
}

function refuses(title: string, code: ErrorCode, spoil: (mirrored: Mirrored) => Promise<void>): void {
  add(`${title}: ${code}`, async (mirrored) => {
    const { sandbox } = mirrored;
    await spoil(mirrored);
    sandbox.start();
    const state = await sandbox.failure();
    assert.is(state.error?.code, code, JSON.stringify(state));
    assert.equal(sandbox.binaries(), []);
    assert.equal(images(sandbox), []);
  });
}

add('the image is mounted, and becomes daemon and command line', async ({ sandbox, out }) => {
  await runs(sandbox);
  const [image = ''] = images(sandbox);
  const bin = join(sandbox.ramDirectory, 'bin');
  assert.equal(sandbox.binaries(), ['tailscale', 'tailscaled']);
  for (const program of sandbox.binaries())
    assert.is(readlinkSync(join(bin, program)), `../${image}/${program}`);
  const asked = await succeed([...sandbox.shell, '-c', '"$0" --version', join(bin, 'tailscale')]);
  assert.match(asked, testVersions.latest);
  assert.is(await versionFile(sandbox), `${testVersions.latest} amd64 compact\n`);
  assert.is(await readFile(acceptedFile(sandbox), 'utf8'), `${(await manifestIn(out)).number}\n`);
});

add('a second start asks nobody', async ({ sandbox, out }) => {
  await runs(sandbox);
  await sandbox.stop();
  await rm(join(out, 'manifest'));
  await runs(sandbox);
});

add(
  'an update puts the new image in place, and frees the old one',
  async ({ sandbox, publish }) => {
    await runs(sandbox);
    const before = images(sandbox);
    await publish();
    await update(sandbox);
    assert.is(await versionFile(sandbox), `${testVersions.latest} amd64 compact\n`);
    assert.not.equal(images(sandbox), before);
  },
  { version: testVersions.older }
);

add('from official to compact and back', async ({ sandbox }) => {
  sandbox.env['TSR_BUILD'] = 'official';
  await runs(sandbox);
  for (const build of ['compact', 'compact-ssh', 'official']) {
    sandbox.env['TSR_BUILD'] = build;
    await update(sandbox);
    assert.match(await versionFile(sandbox), build === 'official' ? /amd64\n$/ : `amd64 ${build}\n`);
  }
  assert.equal(images(sandbox).length, 1);
});

add('auto takes the compact one if the official one does not fit', async ({ sandbox }) => {
  const meminfo = join(sandbox.directory, 'meminfo');
  await writeFile(meminfo, `MemTotal: ${60 << 10} kB\nMemAvailable: ${40 << 10} kB\n`);
  Object.assign(sandbox.env, { TSR_BUILD: 'auto', TSR_MEMINFO: meminfo });
  await runs(sandbox);
  assert.is(await versionFile(sandbox), `${testVersions.latest} amd64 compact-ssh\n`);
  assert.match(sandbox.log, 'taking a compact build');
});

add('auto never takes one that lacks what is in use', async ({ sandbox }) => {
  const meminfo = join(sandbox.directory, 'meminfo');
  await writeFile(meminfo, `MemTotal: ${60 << 10} kB\nMemAvailable: ${40 << 10} kB\n`);
  Object.assign(sandbox.env, { TSR_BUILD: 'auto', TSR_MEMINFO: meminfo });
  await writeFile(join(sandbox.env['TSR_STATE_DIR'] ?? '', 'in-use'), 'webclient, serve');
  sandbox.start();
  const { error } = await sandbox.failure();
  assert.is(error?.code, 'memory-low');
  assert.match(error?.detail ?? '', /MB are free.*; a compact build lacks webclient, serve$/);
  assert.equal(sandbox.binaries(), []);
  await sandbox.stop();
  sandbox.env['TSR_BUILD'] = 'compact';
  await runs(sandbox);
});

add('what a power cut has left empty of that note says nothing', async ({ sandbox }) => {
  const meminfo = join(sandbox.directory, 'meminfo');
  await writeFile(meminfo, `MemTotal: ${60 << 10} kB\nMemAvailable: ${40 << 10} kB\n`);
  Object.assign(sandbox.env, { TSR_BUILD: 'auto', TSR_MEMINFO: meminfo });
  await writeFile(join(sandbox.env['TSR_STATE_DIR'] ?? '', 'in-use'), '');
  await runs(sandbox);
  assert.is(await versionFile(sandbox), `${testVersions.latest} amd64 compact-ssh\n`);
});

add('and stays with it where the next boot would have no room for the official one', async ({ sandbox }) => {
  const meminfo = join(sandbox.directory, 'meminfo');
  const free = (megabytes: number): Promise<void> =>
    writeFile(meminfo, `MemTotal: ${60 << 10} kB\nMemAvailable: ${megabytes << 10} kB\n`);
  Object.assign(sandbox.env, { TSR_BUILD: 'auto', TSR_MEMINFO: meminfo });
  await free(40);
  await runs(sandbox);
  // Room for its program beside what runs, not for what it needs itself.
  await update(sandbox);
  assert.is(await versionFile(sandbox), `${testVersions.latest} amd64 compact-ssh\n`);
  sandbox.env['TSR_BUILD'] = 'official';
  const daemon = sandbox.child;
  assert.is((await sandbox.command('update')).code, 1);
  sandbox.child = daemon;
  assert.is(sandbox.state('update.json')?.error?.code, 'memory-low');
  assert.is(await versionFile(sandbox), `${testVersions.latest} amd64 compact-ssh\n`);
  await free(58);
  await update(sandbox);
  assert.is(await versionFile(sandbox), `${testVersions.latest} amd64\n`);
});

add('auto takes the official one if it fits', async ({ sandbox }) => {
  sandbox.env['TSR_BUILD'] = 'auto';
  await runs(sandbox);
  assert.equal(images(sandbox), []);
});

add(
  'a manifest past its date is taken, and told of',
  async ({ sandbox }) => {
    await runs(sandbox);
    assert.is(sandbox.state()?.error?.code, 'manifest-old');
  },
  { date: '2020-01-01' }
);

add(
  'two keys: one that is trusted is enough',
  async ({ sandbox }) => {
    await runs(sandbox);
    assert.ok(existsSync(keyFile(sandbox, foreign)), 'the other one is trusted from now on');
  },
  { keys: [foreign, first] }
);

add(
  'a key that is rolled over',
  async ({ sandbox, publish }) => {
    await publish({ keys: [first, second] });
    await runs(sandbox);
    await publish({ keys: [second], retired: [first.fingerprint], version: testVersions.latest });
    await update(sandbox);
    assert.not(existsSync(keyFile(sandbox, first)));
    assert.ok(existsSync(keyFile(sandbox, second)));
  },
  { version: testVersions.older }
);

refuses('a bit of the manifest', 'signature-invalid', ({ out }) => flip(join(out, 'manifest'), 60));
refuses('a bit of the signature', 'signature-invalid', ({ out }) =>
  flip(join(out, `manifest.${first.fingerprint}.sig`), 100)
);
refuses('a bit of the archive', 'checksum-mismatch', async ({ out }) => {
  for (const file of readdirSync(join(out, 'stable')).filter((each) => each.endsWith('.tgz')))
    await flip(join(out, 'stable', file), 100_000);
});
refuses('another key', 'signature-invalid', ({ publish }) => publish({ keys: [foreign] }));
refuses('the manifest of another mirror', 'signature-invalid', ({ publish }) =>
  publish({ name: 'other.example' })
);
refuses('no key', 'signature-invalid', ({ sandbox }) => rm(keyFile(sandbox, first)));
refuses('an old manifest', 'manifest-old', async ({ sandbox, out }) => {
  await writeFile(acceptedFile(sandbox), `${(await manifestIn(out)).number + 1}\n`);
});
refuses('a size that lies', 'archive-invalid', async ({ out }) => {
  const manifest = await readFile(join(out, 'manifest'), 'utf8');
  const lying = manifest.replace(/^(build(?: \S+){5}) \d+/gm, '$1 5000000');
  await writeFile(join(out, 'manifest'), lying);
  await writeFile(join(out, `manifest.${first.fingerprint}.sig`), sign(Buffer.from(lying), first));
});
refuses('no mirror', 'version-missing', ({ sandbox }) => {
  sandbox.env['TSR_MIRROR'] = '';
  return Promise.resolve();
});

cases.run();

function newKey(): SigningKey {
  return readSecretKey(newKeyPair(name).secretKey);
}

const made = new Map<string, Promise<string>>();

/** The same mirror is made once, unless one is there already, whose number it has to exceed. */
async function publishIn(out: string, options: Published): Promise<void> {
  if (existsSync(join(out, 'manifest'))) return makeIn(out, options);
  const key = JSON.stringify({ ...options, keys: options.keys?.map(({ fingerprint }) => fingerprint) });
  const same = made.get(key) ?? mkdtemp(join(await ground(), 'made-'));
  if (!made.has(key))
    made.set(
      key,
      same.then(async (folder) => (await makeIn(folder, options), folder))
    );
  await cp((await made.get(key)) ?? '', out, { recursive: true });
}

async function makeIn(out: string, { version = testVersions.latest, ...options }: Published): Promise<void> {
  const program = await goDaemon(version);
  const previous = existsSync(join(out, 'manifest')) ? await manifestIn(out) : undefined;
  await makeMirror(
    {
      out,
      name,
      keys: [first],
      versions: [version],
      archs: ['amd64'],
      flavours: ['compact', 'compact-ssh'],
      date: new Date().toISOString().slice(0, 10),
      previous,
      compiler: 'go',
      ...options
    },
    () => Promise.resolve(program)
  );
}

async function manifestIn(out: string): Promise<Manifest> {
  return readManifest(await readFile(join(out, 'manifest'), 'utf8'));
}

async function flip(path: string, at: number): Promise<void> {
  const content = await readFile(path);
  content[at] = (content[at] ?? 0) ^ 1;
  await writeFile(path, content);
}

function keyFile({ env }: Sandbox, { fingerprint }: SigningKey): string {
  return join(env['TSR_KEYS'] ?? '', fingerprint);
}

function acceptedFile({ directory }: Sandbox): string {
  return join(directory, `flash/tailscale-ram/manifest.${name}`);
}

function versionFile({ ramDirectory }: Sandbox): Promise<string> {
  return readFile(join(ramDirectory, 'version'), 'utf8');
}

/** The folders where images are mounted. */
function images({ ramDirectory }: Sandbox): string[] {
  return readdirSync(ramDirectory).filter((each) => each.startsWith('image.'));
}

/** As `update` does it, beside the daemon, which then starts again. */
async function update(sandbox: Sandbox): Promise<void> {
  const daemon = sandbox.child;
  const { code, output } = await sandbox.command('update');
  assert.is(code, 0, output);
  sandbox.child = daemon;
  await sandbox.stop();
  await runs(sandbox);
}

async function runs(sandbox: Sandbox): Promise<void> {
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running');
}
