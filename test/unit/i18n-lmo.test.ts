import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildApk, findApk } from '../../build/apk.ts';
import { buildFeed } from '../../build/feed.ts';
import { buildTranslations } from '../../build/i18n/build.ts';
import { readLanguages } from '../../build/i18n/languages.ts';
import { hashOf, renderLmo } from '../../build/i18n/lmo.ts';
import { parsePo } from '../../build/i18n/po.ts';
import { buildIpk } from '../../build/ipk.ts';
import { readPackageInfo, repository } from '../../build/package.ts';
import { findUcodes } from '../support/ucode.ts';

const work = mkdtempSync(join(tmpdir(), 'i18n-'));
const header = 'msgid ""\nmsgstr ""\n"Language: ja\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n';

const test = suite('catalogues');
test.after(() => {
  rmSync(work, { recursive: true });
});

test("makes the hashes of LuCI's pages", () => {
  const hashes = {
    a: 0x115ea782,
    ab: 0x516b8b44,
    abc: 0xd2be198a,
    abcd: 0xdad8b8db,
    Status: 0x663359c9,
    é: 0xc4fba554,
    日: 0x1a1cd6a1,
    日本: 0xf9b86c9a,
    日本語: 0xaa84dbd6,
    abcdé: 0x67f5702e,
    'naïve café': 0xf08c2d3b,
    'exit node\u0001Choose …': 0x75cbaa5d,
    'Offer this router as exit node': 0xe2546121,
    '“%s” — ✓': 0x2921d366,
    ['x'.repeat(1000)]: 0x095d479f
  };
  for (const [text, hash] of Object.entries(hashes)) assert.is(hashOf(text), hash, text);
});

test('writes a catalogue', () => {
  const ids = Array.from({ length: 50 }, (_, i) => `Text ${i}`);
  const entries = ids.map((id) => `msgid "${id}"\nmsgstr "${id.replace('Text', '文')}"\n`);
  const more = `msgctxt "page"\nmsgid "Open"\nmsgstr "\\"開く\\""\nmsgid "Same"\nmsgstr "Same"\nmsgid "None"\nmsgstr ""\n`;
  const lmo = renderLmo(parsePo('ja.po', header + entries.join('') + more));
  const { plurals, texts } = readLmo(lmo);
  assert.is(plurals, 'nplurals=1; plural=0;');
  assert.is(texts.size, 51);
  for (const [i, id] of ids.entries()) assert.is(texts.get(hashOf(id)), `文 ${i}`);
  assert.is(texts.get(hashOf('page\u0001Open')), '"開く"');
  assert.throws(() => renderLmo(parsePo('ja.po', 'msgid "a"\nmsgstr "a"\n')), 'nothing in the catalogue');
});

test('a package for each language, by the build and by the SDK', async () => {
  const trees = join(work, 'i18n');
  const made = await buildTranslations(trees);
  const main = await readPackageInfo();
  const [root, feed] = [join(work, 'root'), join(work, 'feed')];
  for (const folder of [root, feed]) mkdirSync(folder);
  const archive = await buildFeed(root, main, trees);
  execFileSync('tar', ['-xzf', '-', '--strip-components=1', '-C', feed], { input: archive });
  const installed = installAll(feed);
  for (const { tree, info } of made) {
    const code = info.name.replace('luci-i18n-tailscale-ram-', '');
    const files = readdirSync(tree, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile()
    );
    assert.equal(files.map((entry) => join(entry.parentPath, entry.name).slice(tree.length)).sort(), [
      `/etc/uci-defaults/${info.name}`,
      `/usr/lib/lua/luci/i18n/tailscale-ram.${code}.lmo`
    ]);
    for (const { parentPath, name } of files) assert.is(statSync(join(parentPath, name)).mode & 0o777, 0o644);
    const ipk = gunzipSync(await buildIpk(tree, info));
    if (installed !== undefined)
      assert.ok(gunzipSync(await buildIpk(join(installed, info.name), info)).equals(ipk));
    const data = execFileSync('tar', ['-xO', './data.tar.gz'], { input: ipk });
    // opkg makes no folders.
    assert.match(
      execFileSync('tar', ['-tz'], { input: data, encoding: 'utf8' }),
      './usr/lib/lua/luci/i18n/\n'
    );
    const control = execFileSync('tar', ['-xO', './control.tar.gz'], { input: ipk });
    const names = execFileSync('tar', ['-tz'], { input: control, encoding: 'utf8' });
    assert.is(names, './control\n./postinst\n./prerm\n');
    const fields = execFileSync('tar', ['-xzO', './control'], { input: control, encoding: 'utf8' });
    assert.match(
      fields,
      `Package: ${info.name}\nVersion: ${main.version}\nDepends: luci-app-tailscale-ram\n`
    );
  }
  const registers = made.map(({ tree, info }) =>
    readFileSync(join(tree, 'etc/uci-defaults', info.name), 'utf8')
  );
  assert.equal(registers, [
    "uci set luci.languages.ja='日本語 (Japanese)'; uci commit luci\n",
    "uci set luci.languages.zh_cn='简体中文 (Simplified Chinese)'; uci commit luci\n"
  ]);
});

const apk = findApk();
if (!apk)
  console.log('skipped: the .apk of each language: there is no apk-tools 3, as `apk` or named by APK');
else {
  test('an .apk for each language', async () => {
    for (const { tree, info } of await buildTranslations(join(work, 'i18n'))) {
      const file = join(work, 'package.apk');
      writeFileSync(file, await buildApk(apk, tree, info));
      const dump = execFileSync(apk, ['adbdump', '--allow-untrusted', file], { encoding: 'utf8' });
      for (const line of [`name: ${info.name}`, '- luci-app-tailscale-ram', 'post-install'])
        assert.match(dump, line);
      assert.not.match(dump, /conffiles|post-deinstall/);
    }
  });
}

const ucodes = await findUcodes();
if (ucodes.length === 0)
  console.log("skipped: the catalogues in LuCI's reader: there is no OpenWrt root tree");
for (const ucode of ucodes) {
  test(`LuCI of OpenWrt ${ucode.release} reads the catalogues`, async () => {
    const trees = join(work, 'i18n');
    await buildTranslations(trees);
    for (const { code, po } of await readLanguages()) {
      const { entries } = parsePo(po, readFileSync(new URL(po, repository), 'utf8'));
      const lmo = readFileSync(join(trees, code, `usr/lib/lua/luci/i18n/tailscale-ram.${code}.lmo`), 'hex');
      const { output } = ucode.run(['ucode', '/mnt/read.uc'], {
        lmo,
        'texts.json': JSON.stringify(entries),
        'read.uc': `
          import { readfile, writefile } from 'fs';
          import { load_catalog, translate } from 'luci.core';
          writefile('/tmp/a.${code}.lmo', hexdec(readfile('/mnt/lmo')));
          load_catalog('${code}', '/tmp');
          print(map(json(readfile('/mnt/texts.json')), (text) => text.context == null
            ? translate(text.id) ?? text.id : translate(text.id, text.context) ?? text.id));`
      });
      assert.equal(
        JSON.parse(output),
        entries.map(({ id, translation }) => translation || id)
      );
    }
  });
}

test.run();

/** What a catalogue holds, read from its end as LuCI does. */
function readLmo(lmo: Buffer): { plurals: string | undefined; texts: Map<number, string> } {
  const begin = lmo.readUInt32BE(lmo.length - 4);
  assert.is((lmo.length - 4 - begin) % 16, 0);
  const texts = new Map<number, string>();
  let plurals: string | undefined;
  for (let at = begin, last = -1; at < lmo.length - 4; at += 16) {
    const [hash = 0, kind, offset = 0, length = 0] = [0, 4, 8, 12].map((field) =>
      lmo.readUInt32BE(at + field)
    );
    assert.ok(hash > last, 'sorted');
    assert.is(offset % 4, 0);
    assert.is(kind, hash === 0 ? 0 : 1);
    const text = lmo.toString('utf8', offset, offset + length);
    if (hash === 0) plurals = text;
    else texts.set(hash, text);
    last = hash;
  }
  return { plurals, texts };
}

/** What the SDK's `make` installs, a folder for each package, if this machine has one. */
function installAll(feed: string): string | undefined {
  const sdk = join(work, 'sdk');
  mkdirSync(sdk);
  writeFileSync(join(sdk, 'rules.mk'), 'CP:=cp -fpR\n');
  const install = 'mkdir -p $(DESTDIR)/$(1) && $(strip $(call Package/$(1)/install,$(DESTDIR)/$(1)))';
  writeFileSync(join(sdk, 'package.mk'), `BuildPackage=$(eval all:: ; ${install})\n`);
  const installed = join(work, 'installed');
  const options = [`TOPDIR=${sdk}`, `INCLUDE_DIR=${sdk}`, `DESTDIR=${installed}`];
  const args = ['-s', '-C', join(feed, 'openwrt'), ...options];
  const { error, stderr } = spawnSync('make', args, { encoding: 'utf8' });
  if (error) return undefined;
  assert.is(stderr, '');
  return installed;
}
