import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readPackageInfo } from '../../build/package.ts';
import { chooseRootfs } from '../../dev/router/choose-rootfs.ts';
import { downloadRootfs } from '../../dev/router/official-rootfs.ts';
import { findRootfs, noRootfs } from '../../dev/router/rootfs.ts';

/** Where a router's root file system comes from. */

const test = suite('unit: root file systems');
const folder = mkdtempSync(join(tmpdir(), 'rootfs-test-'));
const servers: Server[] = [];
const cache = join(folder, 'tailscale-ram', 'rootfs');
process.env['XDG_CACHE_HOME'] = folder;
process.env['APK'] = '/nonexistent';
delete process.env['OPENWRT_ROOTFS'];

test.before.each(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(cache, { recursive: true });
});
test.after.each(() => {
  for (const server of servers.splice(0)) server.close();
});
test.after(() => {
  rmSync(folder, { recursive: true });
});

test('none is none, and says what to do in one line', async () => {
  assert.equal(await findRootfs(), []);
  assert.equal(await chooseRootfs(), { note: noRootfs });
  assert.match(noRootfs, /^[^\n]+OPENWRT_ROOTFS$/);
});

test('a link is what it leads to, which copies need', async () => {
  const tree = join(folder, 'elsewhere');
  makeTree(tree, '25.12.5');
  symlinkSync(tree, join(cache, '25.12'));
  assert.equal(await findRootfs(), [{ release: '25.12', tree }]);
});

test('every entry of the cache folder is a release, folder or archive, the newest first', async () => {
  makeTree(join(cache, '24.10'), '24.10.7');
  makeArchive(join(cache, 'openwrt-25.12.5-x86-64-rootfs.tar.gz'), '25.12.5', 'z');
  makeArchive(join(cache, 'old.tar'), '9.99.1');
  makeTree(join(cache, '.hidden'), '26.01.0');
  mkdirSync(join(cache, 'something-else'));
  writeFileSync(join(cache, 'notes.txt'), 'mine\n');
  const found = await findRootfs();
  assert.equal(
    found.map(({ release }) => release),
    ['25.12', '24.10', '9.99']
  );
  for (const { tree } of found) assert.ok(existsSync(join(tree, 'etc/openwrt_release')));
});

test('an archive is unpacked once for each content, without its devices', async () => {
  const archive = join(folder, 'mine.tar.gz');
  makeArchive(archive, '24.10.1', 'z');
  const [first] = await findRootfs(archive);
  assert.ok(first);
  assert.equal(readdirSync(join(first.tree, 'dev')), []);
  writeFileSync(join(first.tree, 'mark'), '');
  assert.equal(await findRootfs(archive), [first]);
  assert.ok(existsSync(join(first.tree, 'mark')));
  makeArchive(archive, '24.10.2', 'z');
  assert.is.not((await findRootfs(archive))[0]?.tree, first.tree);
});

test('OPENWRT_ROOTFS comes before the cache folder, and what is told before both', async () => {
  makeTree(join(cache, '25.12'), '25.12.5');
  const named = join(folder, 'named');
  makeTree(named, '24.10.7');
  const told = join(folder, 'told');
  makeTree(told, '24.10.6');
  process.env['OPENWRT_ROOTFS'] = named;
  try {
    assert.equal(await findRootfs(), [{ release: '24.10', tree: named }]);
    assert.equal(await findRootfs(told), [{ release: '24.10', tree: told }]);
  } finally {
    delete process.env['OPENWRT_ROOTFS'];
  }
});

test('what is named and is none is an error that names it', async () => {
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'folder.tar'));
  writeFileSync(join(folder, 'broken.tar.gz'), 'no archive');
  for (const name of ['empty', 'absent', 'absent.tar.gz', 'folder.tar', 'broken.tar.gz']) {
    const path = join(folder, name);
    const problem = await message(findRootfs(path));
    assert.ok(problem.includes(path), problem);
  }
});

test('without apk-tools 3, an older release that takes .ipk is chosen, or none', async () => {
  makeTree(join(cache, '25.12'), '25.12.5', ['usr/bin/apk']);
  const none = await chooseRootfs();
  assert.is(none.rootfs, undefined);
  assert.match(none.note, /^OpenWrt 25\.12 needs apk-tools 3 .* APK$/);
  makeTree(join(cache, '24.10'), '24.10.7');
  const older = await chooseRootfs();
  assert.is(older.rootfs?.release, '24.10');
  assert.match(older.note, /^OpenWrt 25\.12 needs apk-tools 3 .*; 24\.10 instead$/);
  assert.is((await chooseRootfs({ release: '25.12' })).rootfs, undefined);
  assert.is((await chooseRootfs({ release: '24.10' })).note, '');
});

test('one that lacks what the package depends on is not chosen: what to do is said in one line', async () => {
  const lists = {
    'usr/lib/opkg/status': ['24.10', (name: string) => `Package: ${name}\nVersion: 1\n\n`],
    'lib/apk/db/installed': ['25.12', (name: string) => `P:package-of-${name}\nV:1\np:other ${name}=1\n\n`]
  } as const;
  const { depends } = await readPackageInfo();
  for (const [file, [release, entry]] of Object.entries(lists)) {
    const tree = join(cache, release);
    makeTree(tree, `${release}.1`, [file]);
    writeFileSync(join(tree, file), depends.map(entry).join(''));
    assert.equal(await chooseRootfs({ release }), { rootfs: { release, tree }, note: '' });
    const few = depends.filter((name) => name !== 'kmod-tun' && name !== 'ucode-mod-socket');
    writeFileSync(join(tree, file), few.map(entry).join(''));
    const { rootfs, note } = await chooseRootfs({ release });
    assert.is(rootfs, undefined);
    assert.match(
      note,
      /^OpenWrt \S+ lacks kmod-tun, ucode-mod-socket, .*PACKAGES='luci kmod-tun ucode-mod-socket'/
    );
  }
});

// Where tests run is no network.
if (process.arch === 'x64') {
  test('an official release that is asked for and not at hand is downloaded, where the network allows', async () => {
    makeTree(join(cache, '25.12'), '25.12.5');
    const problem = await message(chooseRootfs({ release: '24.10' }));
    assert.match(
      problem,
      /^openwrt-24\.10\.\d+-x86-64-rootfs\.tar\.gz could not be downloaded: .*openwrt\.org/
    );
  });
}

test('a release that nobody has is not invented', async () => {
  assert.equal(await chooseRootfs({ release: '19.07' }), { note: 'no root file system of OpenWrt 19.07' });
});

test('a download is kept when its checksum is right, and fetched once', async () => {
  const archive = join(folder, 'source.tar.gz');
  makeArchive(archive, '24.10.7', 'z');
  const content = readFileSync(archive);
  const server = await serve(content);
  const official = { url: `${server.url}/openwrt-24.10.7-x86-64-rootfs.tar.gz`, sha256: sha256(content) };
  await downloadRootfs(official);
  await downloadRootfs(official);
  assert.is(server.requests(), 1);
  assert.is((await findRootfs())[0]?.release, '24.10');
});

test('a download with another checksum, or none at all, leaves nothing and says why', async () => {
  const server = await serve(Buffer.from('something else'));
  const url = `${server.url}/rootfs.tar.gz`;
  const wrong = await message(downloadRootfs({ url, sha256: sha256(Buffer.from('official')) }));
  assert.match(
    wrong,
    /rootfs\.tar\.gz could not be downloaded: its sha256 is [0-9a-f]{64}, not [0-9a-f]{64}$/
  );
  const left = () => readdirSync(cache).filter((name) => !name.startsWith('.'));
  assert.equal(left(), []);
  const missing = await message(downloadRootfs({ url: `${server.url}/404`, sha256: '' }));
  assert.match(missing, /HTTP status 404$/);
  servers.pop()?.close();
  assert.match(await message(downloadRootfs({ url, sha256: '' })), /ECONNREFUSED/);
  assert.equal(left(), []);
});

test.run();

function makeTree(path: string, version: string, files: readonly string[] = []): void {
  for (const file of ['etc/openwrt_release', 'dev/null', ...files]) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), '');
  }
  writeFileSync(join(path, 'etc/openwrt_release'), `DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='${version}'\n`);
}

function makeArchive(path: string, version: string, compression: 'z' | '' = ''): void {
  const tree = mkdtempSync(join(tmpdir(), 'tree-'));
  makeTree(tree, version);
  execFileSync('tar', [`-c${compression}f`, path, '-C', tree, '.']);
  rmSync(tree, { recursive: true });
}

async function serve(content: Buffer) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    response.statusCode = request.url === '/404' ? 404 : 200;
    response.setHeader('connection', 'close').end(content);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests: () => requests };
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Of the error that it must end in. */
async function message(work: Promise<unknown>): Promise<string> {
  const problem = await work.then(
    () => undefined,
    (error: unknown) => error
  );
  assert.instance(problem, Error);
  return (problem as Error).message;
}
