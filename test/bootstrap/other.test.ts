import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { Cases } from './cases.ts';

/** They see each other's processes: one by one. */
const cases = new Cases('another tailscaled');

cases.add('one that runs keeps ours off, until it is gone', async ({ sandbox, mirror }) => {
  const program = join(sandbox.directory, 'tailscaled');
  copyFileSync('/usr/bin/sleep', program);
  chmodSync(program, 0o755);
  const other = spawn(program, ['1000'], { stdio: 'ignore' });
  try {
    const child = sandbox.start();
    const state = await sandbox.failure();
    assert.is(state.phase, 'blocked');
    assert.is(state.error?.code, 'other-tailscaled');
    assert.ok(state.error?.detail.includes(program), state.error?.detail);
    assert.is(mirror.requests.length, 0);
    other.kill();
    await once(other, 'exit');
    child.kill('SIGUSR1');
    await sandbox.until(({ phase }) => phase === 'running');
  } finally {
    other.kill('SIGKILL');
  }
});

cases.add('a script of that name is none', async ({ sandbox }) => {
  const program = join(sandbox.directory, 'tailscaled');
  writeFileSync(program, '#!/bin/sh\nread line\n', { mode: 0o755 });
  const script = spawn(program, { stdio: ['pipe', 'ignore', 'ignore'] });
  try {
    const comm = `/proc/${script.pid}/comm`;
    await waitFor('it runs', 5, () => readFileSync(comm, 'utf8') === 'tailscaled\n');
    sandbox.start();
    await sandbox.until(({ phase }) => phase === 'running');
  } finally {
    script.kill('SIGKILL');
  }
});

cases.add('one that is started at boot keeps ours off', async ({ sandbox }) => {
  const script = join(sandbox.directory, 'root/etc/rc.d/S80tailscale');
  writeFileSync(script, '#!/bin/sh /etc/rc.common\nstart() { /usr/sbin/tailscaled --port 41641; }\n');
  const child = sandbox.start();
  assert.match((await sandbox.failure()).error?.detail ?? '', /S80tailscale starts one/);
  rmSync(script);
  child.kill('SIGUSR1');
  await sandbox.until(({ phase }) => phase === 'running');
});

cases.add('our own init script is none', async ({ sandbox }) => {
  writeFileSync(join(sandbox.directory, 'root/etc/rc.d/S99tailscale-ram'), 'exec tailscaled\n');
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running');
});

cases.run();
