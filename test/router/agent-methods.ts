import * as assert from 'uvu/assert';
import type { Answer, Call } from './agent-client.ts';
import { printable } from './agent-refusals.ts';

/** What the methods of the agent do when they are called as they should be: on a router and on Node alike. */

/** An agent that is in a tailnet with one other node, `laptop`. */
export interface AskedAgent {
  callEach(calls: readonly Call[]): Promise<Answer[]>;
  /** Throws after so many seconds. */
  until<T>(what: string, seconds: number, condition: () => Promise<T>): Promise<unknown>;
  /** The version that the configuration asks for; empty if it asks for none. */
  pinned(): Promise<string>;
  /** The seconds after which what nobody confirmed is undone. */
  confirmWithin: number;
  /** Whether it is on a router, with a bootstrap and a log. */
  isOnRouter: boolean;
}

type Reply = Record<string, unknown>;
type Peers = Record<'peers', Reply[]>;

/** As src/shared/status.ts has them. */
const peerFields = [
  ...['id', 'name', 'host_name', 'addresses', 'os', 'owner', 'tags', 'online', 'active', 'path', 'via'],
  ...['received', 'sent', 'last_seen', 'last_handshake', 'key_expiry', 'expired', 'exit_node'],
  ...['exit_node_option', 'routes', 'country', 'city']
];

/** What it answers; throws if ubus does. */
export async function callAgent(agent: AskedAgent, ...call: Call): Promise<Reply> {
  const [answer] = await agent.callEach([call]);
  assert.is(answer?.status, 0, call[0]);
  return answer?.reply ?? {};
}

/** The code with which it refuses; `none` if it does not. */
export async function refusal(agent: AskedAgent, ...call: Call): Promise<string> {
  const { error } = (await callAgent(agent, ...call)) as Answer['reply'] & object;
  return error?.code ?? 'none';
}

export async function tellWhatTheyShould(agent: AskedAgent): Promise<void> {
  const call = (...one: Call): Promise<Reply> => callAgent(agent, ...one);
  const known = {
    status: [
      ...['bootstrap', 'daemon', 'state', 'version', 'newest', 'login_server', 'login_url', 'self'],
      ...['tailnet', 'exit_node', 'routes', 'traffic', 'memory', 'unconfirmed', 'problems']
    ],
    peers: ['total', 'found', 'offset', 'peers'],
    settings: ['preferences', 'router'],
    exit_nodes: ['used', 'auto', 'exit_nodes'],
    profiles: ['current', 'profiles'],
    derp: ['home', 'regions'],
    metrics: ['metrics', 'rates'],
    log: ['lines'],
    report: ['report']
  };
  for (const [method, keys] of Object.entries(known)) assert.equal(Object.keys(await call(method)), keys);

  const { peers } = (await call('peers', { search: 'LAPTOP', sort: 'name', online: true })) as Peers;
  assert.equal(peers.map(Object.keys), [peerFields]);
  const away = (await call('peers', { online: false })) as Peers;
  assert.not(away.peers.some(({ name }) => name === peers[0]?.['name']));
  assert.equal(await call('peer', { id: peers[0]?.['id'] }), peers[0]);
  const found = await agent.callEach(printable.map((search) => ['peers', { search }]));
  for (const { reply } of found) assert.equal([reply?.['found'], reply?.['peers']], [0, []]);
  const { preferences } = (await call('settings')) as { preferences: Record<string, object> };
  assert.equal(Object.keys(preferences['shields_up'] ?? {}), [
    ...['value', 'default', 'supported', 'risk', 'fixed']
  ]);
  const lines = (await call('log', { lines: 3 }))['lines'] as string[];
  assert.ok(agent.isOnRouter ? lines.length === 3 : lines.length <= 3, lines.join('\n'));
  const { report } = (await call('report', { names: true })) as { report: object };
  assert.equal(Object.keys(report), ['status', 'preferences', 'health', 'peers', 'log']);
  if (agent.isOnRouter) await tellWays(agent, peers[0]?.['addresses'] as string[]);
}

/** Which way packets take, to the addresses of a device and to elsewhere. */
async function tellWays(agent: AskedAgent, addresses: readonly string[]): Promise<void> {
  assert.equal(Object.keys(await callAgent(agent, 'network')), ['arrows', 'findings', 'names', 'sections']);
  const way = (address: string): Promise<Reply> => callAgent(agent, 'route', { address });
  for (const address of addresses)
    assert.equal(await way(address), { device: 'tailscale0', interface: null, via: null }, address);
  assert.is((await way('127.0.0.1'))['device'], 'lo');
  assert.is((await way('192.168.1.77'))['interface'], 'lan');
  assert.is((await way('198.51.100.1'))['interface'], 'wan');
  assert.is(await refusal(agent, 'take_zone'), 'not-found');
}

/** Of all that were begun so far, theirs are the first jobs. */
export async function endInAResult(agent: AskedAgent): Promise<void> {
  const [laptop] = ((await callAgent(agent, 'peers')) as Peers).peers;
  const calls: Call[] = [
    ['ping', { peer: laptop?.['id'], count: 2, type: 'disco' }],
    ['netcheck'],
    ['derp_test', { region: 999 }]
  ];
  if (agent.isOnRouter) calls.push(['update']);
  const started = await agent.callEach(calls);
  for (const [index, { reply }] of started.entries()) {
    // Nothing that was refused has begun a job.
    if (agent.isOnRouter) assert.equal(reply, { job: index + 1 });
    const ended = await agent.until(`${calls[index]?.[0]} ends`, 60, async () => {
      const now = await callAgent(agent, 'job', { id: reply?.['job'] });
      return now['state'] !== 'running' && now;
    });
    assert.equal(Object.keys(ended as object), ['job', 'method', 'state', 'progress', 'result', 'error']);
    assert.is((ended as { state: string }).state, 'done', JSON.stringify(ended));
  }
  const names = await agent.callEach(printable.map((name) => ['dns_query', { name, type: 'TXT' }]));
  for (const [index, { status, reply }] of names.entries()) {
    assert.is(status, 0, printable[index]);
    assert.ok(reply?.['resolvers'] ?? reply?.error?.code === 'daemon-refused', JSON.stringify(reply));
  }
}

/** It is logged out afterwards. */
export async function changeSomething(agent: AskedAgent): Promise<void> {
  const call = (...one: Call): Promise<Reply> => callAgent(agent, ...one);
  const untilState = (state: string, seconds: number): Promise<unknown> =>
    agent.until(`it is ${state}`, seconds, async () => (await call('status'))['state'] === state);
  const [laptop] = ((await call('peers')) as Peers).peers;
  assert.equal(await call('set', { preferences: {} }), { not_taken: [] });
  assert.equal(await call('set', { preferences: { hostname: 'lab' } }), { not_taken: [] });
  const confirmed = async (...one: Call): Promise<void> => {
    const reply = await call(...one);
    assert.is(reply['confirm_within'], agent.confirmWithin, `${one[0]}: ${JSON.stringify(reply)}`);
    assert.equal(await call('confirm', { job: reply['job'] }), {});
  };
  await confirmed('set', { preferences: { advertise_routes: ['192.168.7.0/24'] } });
  await confirmed('disconnect');
  assert.equal(await call('connect'), {});
  await untilState('Running', 10);
  assert.equal(await call('exit_node', { id: 'none' }), {});
  assert.is(await refusal(agent, 'exit_node', { id: laptop?.['id'] }), 'conflict');
  await confirmed('exit_node', { id: 'auto' });
  await confirmed('exit_node', { id: 'none' });
  assert.equal(await call('rebind'), {});

  const { current } = await call('profiles');
  assert.is(await refusal(agent, 'delete_profile', { id: current }), 'conflict');
  await confirmed('new_profile');
  assert.is(await refusal(agent, 'connect'), 'not-logged-in');
  await confirmed('switch_profile', { id: current });
  await untilState('Running', 20);

  assert.equal(await call('pin', { version: '1.2.3' }), {});
  assert.is(await agent.pinned(), '1.2.3');
  assert.equal(await call('pin'), {});
  assert.is(await agent.pinned(), '');

  assert.type((await call('reauth'))['job'], 'number');
  assert.equal(await call('cancel_login'), {});
  assert.equal(await call('logout'), {});
  await untilState('NeedsLogin', 10);
  assert.is(await refusal(agent, 'connect'), 'not-logged-in');
  assert.is(await refusal(agent, 'reauth'), 'not-logged-in');
}
