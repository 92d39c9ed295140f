import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkPo } from '../../build/i18n/check.ts';
import { extractMessages, keyOf, textsOfJson, textsOfScript } from '../../build/i18n/extract.ts';
import { readLanguages } from '../../build/i18n/languages.ts';
import { parsePo } from '../../build/i18n/po.ts';
import { renderTemplate, renewPo } from '../../build/i18n/renew.ts';
import { repository } from '../../build/package.ts';

const work = mkdtempSync(join(tmpdir(), 'i18n-'));
const header = 'msgid ""\nmsgstr ""\n"Language: ja\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n';

const test = suite('i18n');
test.after(() => {
  rmSync(work, { recursive: true });
});

test('finds what is given to _(), and in what else', () => {
  const script = `
    const label = _('Exit node') as string;
    render(_("Routes" /* offered */), _(\`none\`), [_('a ' + ('b ' + 'c'))], _('Open', 'a page'));
    const text = of(() => _('  two\\n  lines '));
    _.each(label); other._('not this'); // _('nor this')
  `;
  assert.equal(textsOfScript('a.ts', script).map(keyOf), [
    'Exit node',
    'Routes',
    'none',
    'a b c',
    'a page\u0001Open',
    'two lines'
  ]);
});

test('refuses what no translator would see', () => {
  const refused: [string, RegExp][] = [
    ['_(name)', /^a\.ts:2: _\(\) takes texts that are written out/],
    ['_(`to ${name}`)', /^a\.ts:2: .*written out/],
    ["_('to ' + name)", /^a\.ts:2: .*written out/],
    ["_(yes ? 'on' : 'off')", /^a\.ts:2: .*written out/],
    ["_('on', place)", /^a\.ts:2: .*written out/],
    ['_(...all)', /^a\.ts:2: .*written out/],
    ['_()', /^a\.ts:2: _\(\) takes a text/],
    ["_('a', 'b', 'c')", /^a\.ts:2: _\(\) takes a text/],
    ["_(' ')", /^a\.ts:2: _\(\) takes no empty text/],
    ["_('\u{1f512} locked')", /^a\.ts:2: .*U\+FFFF/],
    ["N_(2, '%d day', '%d days')", /^a\.ts:2: N_\(\) has no place here/]
  ];
  for (const [call, message] of refused)
    assert.throws(
      () => textsOfScript('a.ts', `\nshow(${call});\n`),
      (error: Error) => message.test(error.message)
    );
  assert.throws(
    () => textsOfScript('a.ts', '_(a);\n_(b);'),
    (error: Error) => error.message.split('\n').length === 2
  );
});

test("finds what LuCI's menu and its rights say", () => {
  const menu = { 'admin/a': { title: 'Status', order: 1, action: { type: 'view', path: 'a' } } };
  assert.equal(textsOfJson(JSON.stringify(menu)).map(keyOf), ['Status']);
  const rights = { a: { description: 'Grant access', read: { ubus: { title: ['status'] } } } };
  assert.equal(textsOfJson(JSON.stringify(rights)).map(keyOf), ['Grant access']);
});

test('a text of several files is one, in the order of the files', async () => {
  const files = {
    'files/usr/share/luci/menu.d/a.json': '{"a": {"title": "Status"}}',
    'files/usr/share/rpcd/acl.d/a.json': '{"a": {"description": "Grant \\"all\\""}}',
    'src/luci/status.ts': "_('Open', 'a page'); _('Status'); _('Status');",
    'src/luci/a/b.ts': "_('Status'); _('Open');",
    'src/luci/types.d.ts': "_('Nobody');"
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(work, 'from', name, '..'), { recursive: true });
    writeFileSync(join(work, 'from', name), content);
  }
  const messages = await extractMessages(pathToFileURL(join(work, 'from/')));
  assert.is(
    renderTemplate(messages),
    `msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

#: files/usr/share/luci/menu.d/a.json
#: src/luci/a/b.ts
#: src/luci/status.ts
msgid "Status"
msgstr ""

#: files/usr/share/rpcd/acl.d/a.json
msgid "Grant \\"all\\""
msgstr ""

#: src/luci/a/b.ts
msgid "Open"
msgstr ""

#: src/luci/status.ts
msgctxt "a page"
msgid "Open"
msgstr ""
`
  );
  assert.equal(await extractMessages(pathToFileURL(join(work, 'nothing/'))), []);
});

test('reads translations', () => {
  const po = parsePo(
    'ja.po',
    `${header}
#: src/luci/status.ts
msgctxt "a page"
msgid "Open"
msgstr ""
"開"
"く"
#, fuzzy
msgid "Close"
msgstr "閉める"

#, fuzzy
#~ msgid "Gone"
#~ msgstr "無い"
msgid "a \\"b\\" \\\\ \\t\\n"
msgstr "c"
msgid "Wait"
msgstr ""`
  );
  assert.is(po.header, 'Language: ja\nPlural-Forms: nplurals=1; plural=0;\n');
  assert.equal(po.entries, [
    { context: 'a page', id: 'Open', translation: '開く', line: 7 },
    { context: undefined, id: 'a "b" \\ \t\n', translation: 'c', line: 19 },
    { context: undefined, id: 'Wait', translation: '', line: 21 }
  ]);
});

test('says where a file of translations is wrong', () => {
  const wrong: [string, RegExp][] = [
    ['msgid "a"\nmsgstr "b" c', /^ja\.po:2: takes msgctxt, msgid or msgstr/],
    ['msgid "a"\nmsgstr "b', /^ja\.po:2: takes/],
    ['msgid "a"\nmsgstr "\\q"', /^ja\.po:2: \\q is none of/],
    ['msgid "a"\n\nmsgid "b"', /^ja\.po:3: msgid does not belong here/],
    ['msgid "a"\nmsgctxt "b"', /^ja\.po:2: msgctxt does not belong here/],
    ['msgid "a"', /^ja\.po:1: has no msgid, or no msgstr/],
    ['\nmsgstr "a"', /^ja\.po:2: has no msgid, or no msgstr/],
    ['# a\n"b"', /^ja\.po:2: this text belongs to nothing/],
    ['msgid "a"\nmsgid_plural "b"', /^ja\.po:2: this package has no plurals/],
    ['msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"', /^ja\.po:4: .*there already, in line 1/]
  ];
  for (const [content, message] of wrong)
    assert.throws(
      () => parsePo('ja.po', content),
      (error: Error) => message.test(error.message)
    );
});

test('brings translations into the order of the texts', () => {
  const messages = textsOfScript('a.ts', "_('New'); _('Old', 'x'); _('Old')").map((text) => ({
    ...text,
    references: ['a.ts']
  }));
  const before = `${header}\nmsgid "Gone"\nmsgstr "1"\n\nmsgid "Old"\nmsgstr "\\"2\\""\n`;
  const after =
    `${header}\n#: a.ts\nmsgid "New"\nmsgstr ""\n\n#: a.ts\nmsgctxt "x"\nmsgid "Old"\nmsgstr ""\n\n` +
    '#: a.ts\nmsgid "Old"\nmsgstr "\\"2\\""\n';
  assert.is(renewPo('ja.po', before, messages), after);
  assert.is(renewPo('ja.po', after, messages), after);
});

test('tells what would be shown wrong', () => {
  const ids = ['%s of %s', '%d%% of %.1f', 'Fine', 'Open'];
  const messages = ids.map((id) => ({ context: undefined, id, references: [] }));
  const check = (id: string, translation: string): string[] => {
    const content = `msgid ${JSON.stringify(id)}\nmsgstr ${JSON.stringify(translation)}\n`;
    return checkPo('ja.po', parsePo('ja.po', content), messages).problems;
  };
  for (const right of ['%s / %s', '%2$s の %1$s', '']) assert.equal(check('%s of %s', right), []);
  assert.equal(check('%d%% of %.1f', '%d%% / %.1f'), []);
  assert.equal(check('Fine', '100 % いい'), []);
  assert.equal(check('%s of %s', '%s'), ['ja.po:1: the translation has %1$s, not %1$s %2$s: %s of %s']);
  assert.equal(check('%s of %s', '%1$s %1$s').length, 1);
  assert.equal(check('%s of %s', '%s %d').length, 1);
  assert.equal(check('%d%% of %.1f', '%.1f%% / %f').length, 1);
  assert.equal(check('Fine', '%s'), ['ja.po:1: the translation has %1$s, not none: Fine']);
  assert.match(check('Fine', 'two\nlines')[0] ?? '', 'LuCI shows no line ends');
  assert.equal(check('Gone', 'x'), [
    'ja.po:1: nothing shows this text any more (`npm run i18n` takes it out): Gone'
  ]);
  const po = parsePo('ja.po', 'msgid "Fine"\nmsgstr "x"\nmsgid "Open"\nmsgstr ""\n');
  assert.is(checkPo('ja.po', po, messages).translated, 1);
});

test('Japanese and Chinese are complete', async () => {
  const messages = await extractMessages();
  const languages = await readLanguages();
  assert.equal(
    languages.map(({ code, po }) => `${code} ${po}`),
    ['ja po/ja/tailscale-ram.po', 'zh-cn po/zh_Hans/tailscale-ram.po']
  );
  for (const { po } of languages) {
    const parsed = parsePo(po, readFileSync(new URL(po, repository), 'utf8'));
    const { translated, problems } = checkPo(po, parsed, messages);
    assert.equal(problems, []);
    const done = new Set(parsed.entries.filter((entry) => entry.translation !== '').map(keyOf));
    assert.equal(messages.filter((message) => !done.has(keyOf(message))).map(keyOf), [], po);
    assert.is(translated, messages.length);
  }
});

test.run();
