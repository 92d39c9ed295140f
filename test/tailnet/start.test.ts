import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeState, progressBar } from '../../dev/start/progress.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { OwnCache } from '../support/own-cache.ts';

const test = suite('tailnet: npm start');
const start = fileURLToPath(new URL('../../dev/start.ts', import.meta.url));

test('a bar shows bytes, speed and time left', () => {
  assert.is(
    progressBar({ bytes: 20_000_000, total: 40_000_000 }, 4),
    '████████████░░░░░░░░░░░░  20.0 of 40.0 MB  5.0 MB/s  4 s left'
  );
  assert.is(progressBar({ bytes: 0, total: 40_000_000 }, 0), '░░░░░░░░░░░░░░░░░░░░░░░░  0.0 of 40.0 MB');
  assert.is(progressBar({ bytes: 20_000_000, total: null }, 4), '20.0 MB  5.0 MB/s');
  assert.match(progressBar({ bytes: 41_000_000, total: 40_000_000 }, 4), /^█{24} {2}.* 0 s left$/);
});

test('a phase is a sentence, with what is wrong', () => {
  const state = { since: 0, attempt: 1, arch: null, build: 'official', bytes: 0, total: null } as const;
  assert.is(
    describeState({ ...state, phase: 'downloading', version: '1.2.3', retry_in: null, error: null }),
    'Downloads 1.2.3'
  );
  const error = { code: 'truncated', detail: '' } as const;
  assert.is(
    describeState({ ...state, phase: 'retrying', version: null, retry_in: 8, error }),
    'It did not work: truncated, again in 8 s'
  );
});

test('`npm start -- --yes` ends with a ping to the second node, and Ctrl-C leaves nothing behind', async () => {
  const before = await traces();
  const cache = new OwnCache({ rootfs: false });
  // A group of its own, as a shell would make it.
  const child = spawn(process.execPath, [...process.execArgv, start, '--yes', '--rate=100'], {
    env: { ...cache.environment, OPENWRT_ROOTFS: '' },
    detached: true
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close');
  await waitFor('it runs', 120, () => said.includes('until you press Ctrl-C')).catch(() => {
    assert.unreachable(said);
  });
  assert.match(said, /^Without OpenWrt: no OpenWrt root file system: /m);
  assert.match(said, /Downloads 1\./);
  assert.match(said, /To log in, open https:\/\/\S+\/register\/[^]*█\n[^]*^done$/m);
  // It is the agent that says so.
  assert.match(said, /^State +Running$/m);
  assert.match(said, /pong from laptop \(100\.64\.\d+\.\d+\) via \S+:41641/);
  await lookAtPreview(/browser on this machine: (http:\/\/127\.0\.0\.1:\d+\/)$/m.exec(said)?.[1] ?? '');
  process.kill(-(child.pid ?? 0), 'SIGINT');
  assert.equal(await ended, [0, null], said);
  assert.is(await traces(), before);
  cache.remove();
});

test('what takes OpenWrt is not done without it', async () => {
  const cache = new OwnCache({ rootfs: false });
  const env = { ...cache.environment, OPENWRT_ROOTFS: '' };
  const child = spawn(process.execPath, [...process.execArgv, start, '--peers=3'], { env });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  assert.equal(await once(child, 'close'), [1, null]);
  assert.match(said, /^no OpenWrt root file system: [^\n]+\n$/);
  cache.remove();
});

test.run();

/** As a browser on this machine does it: the first page, what it loads, and what it asks. */
async function lookAtPreview(url: string): Promise<void> {
  const html = await (await fetch(url)).text();
  const [, view = ''] = /"view":"([\w.-]+)"/.exec(html) ?? [];
  const page = await fetch(`${url}luci-static/resources/view/${view.replaceAll('.', '/')}.js`);
  assert.match(await page.text(), /^["']require view["'];/);
  const [, session] = /"sessionid":"(\w+)"/.exec(html) ?? [];
  const call = { jsonrpc: '2.0', id: 1, method: 'call', params: [session, 'tailscale-ram', 'status', {}] };
  const answer = await fetch(`${url}ubus/`, { method: 'POST', body: JSON.stringify(call) });
  const { result } = (await answer.json()) as { result: [number, Record<string, unknown>] };
  assert.equal([result[0], result[1]['state']], [0, 'Running']);
}

/** What a careless end would leave: processes, mounts, interfaces. */
async function traces(): Promise<string> {
  const commands = [
    ['busybox', 'pgrep', '-l', 'tailscaled|headscale|sleep|unshare'],
    ['cat', '/proc/mounts'],
    ['ip', '-brief', 'link']
  ];
  const outputs = commands.map((command) => succeed(command).catch(() => ''));
  return (await Promise.all(outputs)).join('');
}
