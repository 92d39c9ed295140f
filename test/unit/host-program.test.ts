import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromBytes } from '../../dev/host/bytes.ts';
import { runOnHost, type HostProgram } from '../../dev/host/program.ts';
import { serveUbus, type UbusServer } from '../../dev/host/system/ubus-http.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { findUcodes } from '../support/ucode.ts';
import { vectors } from '../support/vectors.ts';

/** A whole program on the host, seen from outside, and the comparison of a module's results. */

const fixtures = 'test/fixtures/ucode/host';
const source = fileURLToPath(new URL('../fixtures/ucode/host/service.ts', import.meta.url));
const session = '0'.repeat(32);
const ucodes = await findUcodes();

const test = suite<{ root: string; program: HostProgram; http: UbusServer }>('a program on the host');

test.before.each(async (context) => {
  context.root = mkdtempSync(join(tmpdir(), 'host-'));
  mkdirSync(join(context.root, 'etc/config'), { recursive: true });
  writeFileSync(join(context.root, 'etc/config/service'), "config service 'main'\n\toption mode 'quiet'\n");
  context.program = runOnHost(source, { root: context.root, environment: {} });
  context.http = await serveUbus(
    context.program.bus,
    (_, object, method) => `${object}.${method}` !== 'service.mode'
  );
  await waitFor('the object', 20, () => context.program.bus.list('service').length > 0);
});

test.after.each(async ({ root, program, http }) => {
  http.close();
  await program.kill();
  rmSync(root, { recursive: true });
});

test('its methods can be called', async ({ program }) => {
  assert.equal(await program.bus.call('service', 'echo', { text: 'é', count: 2 }), {
    status: 0,
    data: { args: { text: 'é', count: 2 } }
  });
  assert.is((await program.bus.call('service', 'echo', { count: '2' })).status, 2);
  assert.is((await program.bus.call('service', 'none')).status, 3);
  assert.is((await program.bus.call('nobody', 'echo')).status, 4);
});

test('its configuration is that of its root', async ({ program }) => {
  assert.equal((await program.bus.call('service', 'mode')).data, { mode: 'quiet' });
});

test('it hears events, and asks objects that the test provides', async ({ program }) => {
  program.bus.event('test.one', { text: 'ü' });
  program.bus.event('other.two', { text: 'no' });
  program.bus.provide('other', { answer: () => Promise.resolve({ of: 'all' }) });
  assert.equal((await program.bus.call('service', 'ask')).data, { status: 0, reply: { of: 'all' } });
  assert.equal((await program.bus.call('service', 'heard')).data, { heard: ['test.one ü'] });
});

test('over HTTP it is called as through uhttpd', async ({ http }) => {
  const post = async (body: string): Promise<unknown> =>
    (await fetch(http.url, { method: 'POST', body })).json();
  const call = (args: string, method = 'echo', object = 'service'): string =>
    `{"jsonrpc":"2.0","id":1,"method":"call","params":["${session}","${object}","${method}",${args}]}`;
  const result = async (body: string): Promise<unknown> => {
    const { result, error } = (await post(body)) as { result?: unknown; error?: { code: number } };
    return result ?? error?.code;
  };

  assert.equal(await result(call('{"text":"a\\u0000b","count":-1}')), [
    0,
    { args: { text: 'a', count: -1, ubus_rpc_session: session } }
  ]);
  // What is no whole number in JSON is none on the bus, whatever its value.
  assert.equal(await result(call('{"count":1.0}')), [2]);
  assert.equal(await result(call('{"ratio":1.0}')), [0, { args: { ratio: 1, ubus_rpc_session: session } }]);
  assert.equal(await result(call('{"ratio":1}')), [2]);
  assert.equal(await result(call('{"text":null}')), [2]);
  assert.equal(await result(call('{"count":5000000000}')), [2]);
  assert.equal(await result(call('{"other":1}')), [2]);
  assert.is(await result(call('{"ubus_rpc_session":"x"}')), -32602);
  assert.is(await result(call('{}', 'mode')), -32002);
  assert.is(await result(call('{}', 'echo', 'nobody')), -32000);
  assert.is(await result('{'), -32700);
  assert.is(await result(call(`{"text":"${'a'.repeat(65_536)}"}`)), -32700);
  assert.equal(
    (
      (await post(`[${call('{"count":1}')},${call('{"count":2}')}]`)) as {
        result: [number, { args: { count: number } }];
      }[]
    ).map((reply) => reply.result[1].args.count),
    [1, 2]
  );
});

test('signals reach it, and exit() ends it', async ({ program }) => {
  program.signal('SIGHUP');
  await waitFor('its handler', 20, () => program.output() !== '');
  program.signal('SIGUSR1');
  assert.is(await program.ended, 3);
  assert.is(fromBytes(program.output()), 'hung up\nended\n');
  assert.equal(program.bus.list(), []);
});

test('a signal without a handler ends its loop', async ({ program }) => {
  program.signal('SIGTERM');
  assert.is(await program.ended, 3);
});

test('killed, it leaves nothing on the bus', async ({ program }) => {
  await program.kill();
  await program.ended;
  assert.equal(program.bus.list(), []);
});

test.run();

const comparison = suite('the same on Node and on ucode');

comparison('results are compared by their JSON', async () => {
  assert.equal(await vectors(`${fixtures}/lists.ts`, 'bytes', [['é'], ['a"\n']]), [
    { length: 2, upper: 'é' },
    { length: 3, upper: 'A"\n' }
  ]);
});

if (ucodes.length > 0)
  comparison('a difference is an error that names the ucode', async () => {
    try {
      await vectors(`${fixtures}/lists.ts`, 'has', [[['a'], 'a']]);
      assert.unreachable();
    } catch (error) {
      assert.match(String(error), /lists\.ts on ucode 2/);
    }
  });

comparison.run();
