import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { repository } from '../../build/package.ts';
import { cannedBus } from '../../dev/preview/canned.ts';
import { directives } from '../../dev/preview/frame/directives.ts';
import { pageUrl } from '../../dev/preview/pages.ts';
import { startPreview, type Preview } from '../../dev/preview/server.ts';

const test = suite('the preview');
const tree = await mkdtemp(join(tmpdir(), 'preview-'));
const calls: object[] = [];
let preview: Preview;

test.before(async () => {
  await cp(fileURLToPath(new URL('files/usr', repository)), join(tree, 'usr'), { recursive: true });
  for (const name of ['tailscale-ram/status', 'status/include/20_b', 'status/include/10_a']) {
    const path = join(tree, `www/luci-static/resources/view/${name}.js`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `/* ${name} */`);
  }
  const bus = cannedBus({
    status: { state: 'Running', name: 'ä' },
    disconnect: (args) => {
      calls.push(args);
      return {};
    },
    network: { arrows: [] },
    take_zone: (args) => {
      calls.push(args);
      return {};
    },
    peers: () => 2
  });
  preview = await startPreview({ bus, tree, note: '<canned>' });
});

test.after(async () => {
  preview.close();
  await rm(tree, { recursive: true });
});

test('its first page is the first of the menu, at the paths of a router', async () => {
  const response = await fetch(preview.url);
  assert.is(new URL(response.url).pathname, pageUrl('status'));
  const html = await response.text();
  assert.match(html, /Preview without LuCI: &#60;canned&#62;/);
  assert.equal(
    [...html.matchAll(/<li[^>]*><a [^>]*>(\w+)</g)].map(([, title]) => title),
    [...['Status', 'Devices', 'Settings', 'Diagnostics', 'Overview']]
  );
  assert.match(
    await get(pageUrl('overview')),
    /"includes":\["view.status.include.10_a","view.status.include.20_b"\]/
  );
});

test('it serves what the package has for a web server, and nothing else', async () => {
  assert.is(await get('/luci-static/resources/view/tailscale-ram/status.js'), '/* tailscale-ram/status */');
  for (const path of [
    ...['/luci-static/resources/none.js', '/luci-static/', '/luci-static/../../usr/share', '/usr/share/rpcd'],
    ...['/luci-static/..%2f..%2fusr/share/rpcd/acl.d/luci-app-tailscale-ram.json', '/cgi-bin/other']
  ])
    assert.is((await raw(path)).status, 404, path);
});

test('a name of somebody else’s does not lead there', async () => {
  assert.is((await raw('/', { host: 'elsewhere.example' })).status, 403);
  assert.is((await raw('/ubus/', { host: 'elsewhere.example' })).status, 403);
});

test('who may only look can look', async () => {
  const full = await session('');
  const readonly = await session('?readonly');
  assert.is.not(full, readonly);
  for (const one of [full, readonly])
    assert.equal(await call(one, 'tailscale-ram', 'status'), [0, { state: 'Running', name: 'ä' }]);
  assert.equal(await call(readonly, 'tailscale-ram', 'disconnect'), -32002);
  assert.equal(await call(readonly, 'tailscale-ram', 'take_zone'), -32002);
  assert.equal(await call(readonly, 'tailscale-ram', 'network'), [0, { arrows: [] }]);
  assert.equal(calls, []);
  assert.equal(await call(full, 'tailscale-ram', 'disconnect', { why: 'x' }), [0]);
  assert.equal(calls, [{ why: 'x' }]);
  assert.equal(await call('0'.repeat(32), 'tailscale-ram', 'status'), -32002);
  assert.equal(await call(readonly, 'tailscale-ram', 'gc'), -32002);
  assert.equal(await call(full, 'tailscale-ram', 'gc'), [3]);
  assert.equal(await call(full, 'system', 'board'), -32002);
  assert.equal(await call(full, 'tailscale-ram', 'peers'), [2]);
  assert.equal(await call(full, 'tailscale-ram', 'log'), [3]);
  const info = (await call(readonly, 'system', 'info')) as [number, { uptime: number }];
  assert.type(info[1].uptime, 'number');
});

test('modules are asked for in the texts that a file begins with', () => {
  const source = `/* 'require no' */ "use strict";'require view';\n// 'require neither'\n"require a.b as c"; 'require tools.x';
    var x = 'y'; 'require late';`;
  assert.equal(directives(source), [
    ['view', 'view'],
    ['a.b', 'c'],
    ['tools.x', 'tools_x']
  ]);
  assert.equal(directives(`'\\'';'require view';`), []);
});

test.run();

async function get(path: string): Promise<string> {
  return (await fetch(new URL(path, preview.url))).text();
}

/** With the path as it is. */
function raw(path: string, headers: Record<string, string> = {}): Promise<{ status: number }> {
  const { hostname, port } = new URL(preview.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    })
      .on('error', reject)
      .end();
  });
}

async function session(query: string): Promise<string> {
  const [, found = ''] = /"sessionid":"(\w+)"/.exec(await get(pageUrl('status') + query)) ?? [];
  return found;
}

/** The result, or the code of the error. */
async function call(id: string, object: string, method: string, args: object = {}): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params: [id, object, method, args] });
  const response = await fetch(`${preview.url}ubus/${object}.${method}?1`, { method: 'POST', body });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { code: number } };
  return error ? error.code : result;
}
