import * as assert from 'uvu/assert';
import type { AgentErrorCode } from '../../src/shared/agent-errors.ts';
import { bytes, raw, repeated, type Answer, type Call } from './agent-client.ts';

/** Every method of the agent, and what it refuses: on a router and on Node alike. */

/** What an argument takes, and how it refuses the rest. */
type Argument =
  /** Codes with which hostile texts are refused; all that is printable is taken if they are just these two. */
  | { kind: 'String'; codes: readonly AgentErrorCode[]; optional?: boolean }
  | { kind: 'Integer'; lowest: number; highest: number; optional?: boolean }
  | { kind: 'Boolean'; optional?: boolean }
  | { kind: 'Table'; optional?: boolean };

const id: Argument = { kind: 'String', codes: ['not-an-id', 'too-long'] };
const anyText: readonly AgentErrorCode[] = ['invalid-text', 'too-long'];
const word: Argument = { kind: 'String', codes: ['out-of-range'], optional: true };

export const methods: Record<string, Record<string, Argument>> = {
  status: {},
  peers: {
    search: { kind: 'String', codes: anyText, optional: true },
    sort: word,
    offset: { kind: 'Integer', lowest: 0, highest: 1_000_000, optional: true },
    limit: { kind: 'Integer', lowest: 1, highest: 500, optional: true },
    online: { kind: 'Boolean', optional: true }
  },
  peer: { id },
  settings: {},
  exit_nodes: {},
  profiles: {},
  derp: {},
  metrics: {},
  job: { id: { kind: 'Integer', lowest: 1, highest: 2 ** 31 - 1 } },
  log: { lines: { kind: 'Integer', lowest: 1, highest: 1000, optional: true } },
  report: { names: { kind: 'Boolean', optional: true } },
  network: {},
  route: { address: { kind: 'String', codes: ['not-an-address', 'too-long'] } },

  confirm: { job: { kind: 'Integer', lowest: 1, highest: 2 ** 31 - 1 } },
  login: {
    login_server: { kind: 'String', codes: ['not-a-url', 'too-long'], optional: true },
    // What could be a key is refused since the router is logged in.
    auth_key: { kind: 'String', codes: ['not-an-auth-key', 'too-long', 'conflict'], optional: true },
    profile: { kind: 'String', codes: ['not-an-id', 'too-long'], optional: true }
  },
  cancel_login: {},
  reauth: {},
  logout: {},
  connect: {},
  disconnect: {},
  set: { preferences: { kind: 'Table' } },
  exit_node: { id },
  switch_profile: { id },
  new_profile: {},
  delete_profile: { id },
  rebind: {},
  take_zone: {},

  ping: { peer: id, count: { kind: 'Integer', lowest: 1, highest: 20, optional: true }, type: word },
  netcheck: {},
  dns_query: { name: { kind: 'String', codes: anyText }, type: word },
  derp_test: { region: { kind: 'Integer', lowest: 1, highest: 65535 } },
  update: {},
  rollback: {},
  pin: { version: { kind: 'String', codes: ['not-a-version', 'too-long'], optional: true } },
  set_build: { build: { kind: 'String', codes: [...anyText, 'unsupported'] } },
  forget_identity: {},
  retry: {}
};

const unprintable = [
  ...[repeated('x', 60_000), repeated('x', 1_000_000), repeated('é', 80_000)],
  ...[bytes('610062'), bytes('fffe41'), bytes('c0af'), bytes('eda080'), 'a\nb', 'a\u001b[2Jb']
];
export const printable = [
  ...['__proto__', `a"b'c`, '$(touch /tmp/pwned)', '`touch /tmp/pwned`', '; touch /tmp/pwned', '-h'],
  ...['../../etc/passwd', '%00', '%s%n', 'a b', '\u202eabc', '{"a":1}', '[]', '--', '\\']
];
/** Of every type, and null: what an argument does not take. */
const wrong: Record<Argument['kind'], readonly unknown[]> = {
  String: [5, -1, true, 1.5, [], {}, raw('9223372036854775807'), null],
  Integer: ['5', '', true, 1.5, [], {}, raw('2147483648'), raw('-9223372036854775808'), null],
  Boolean: ['true', 1, 0, 1.5, [], {}, raw('4294967297'), null],
  Table: ['{}', '', 1, true, 1.5, [], ['hostname'], null]
};

/** A call that is refused, and how: by ubus itself, or with one of these codes. */
export type Refused = readonly [call: Call, by: 'ubus' | readonly AgentErrorCode[], field?: string];

export function* refusedCalls(): Generator<Refused> {
  for (const [method, args] of Object.entries(methods)) {
    for (const unknown of ['{"nonsense":1}', '{"__proto__":"x"}', '{"":""}', `{"${'x'.repeat(1000)}":1}`])
      yield [[method, raw(unknown)], 'ubus'];
    for (const [name, argument] of Object.entries(args)) {
      for (const value of wrong[argument.kind]) yield [[method, { [name]: value }], 'ubus'];
      yield* refusedValues(method, name, argument);
    }
  }
}

/** Of the right type. The rest of what the method needs is right, but for what is missing. */
function* refusedValues(method: string, name: string, argument: Argument): Generator<Refused> {
  const others = { peer: 'nPeer', name: 'example.com' };
  const given = (value: unknown): Call => [method, { ...onlyOf(methods[method], others), [name]: value }];
  if (!argument.optional && argument.kind !== 'Table') {
    if (argument.kind === 'String' && argument.codes !== anyText) yield [given(''), argument.codes];
    yield [[method, {}], ['wrong-type'], name];
  }
  if (argument.kind === 'Integer') {
    for (const value of [argument.lowest - 1, argument.highest + 1, -(2 ** 31), 2 ** 31 - 1])
      if (value < 2 ** 31 && value !== argument.highest) yield [given(value), ['out-of-range'], name];
  }
  if (argument.kind === 'String') {
    for (const value of unprintable) yield [given(value), argument.codes, name];
    for (const value of argument.codes === anyText ? [] : printable) yield [given(value), argument.codes];
  }
}

function onlyOf(args: object = {}, values: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name in args));
}

/** Preferences that `set` refuses: with this code, and naming this one. */
export const refusedPreferences: readonly (readonly [
  preferences: unknown,
  code: AgentErrorCode,
  field: string
])[] = [
  [raw('{"__proto__":{"hostname":"x"}}'), 'unknown-preference', '__proto__'],
  [{ Hostname: 'x' }, 'unknown-preference', 'Hostname'],
  [{ ['x'.repeat(60_000)]: 1 }, 'unknown-preference', 'x'.repeat(64)],
  [{ hostname: null }, 'wrong-type', 'hostname'],
  [{ hostname: 5 }, 'wrong-type', 'hostname'],
  [{ hostname: ['x'] }, 'wrong-type', 'hostname'],
  [{ hostname: repeated('x', 1_000_000) }, 'too-long', 'hostname'],
  [{ hostname: bytes('6100') }, 'not-a-host-name', 'hostname'],
  [{ hostname: '$(touch /tmp/pwned)' }, 'not-a-host-name', 'hostname'],
  [{ hostname: 'a\nb' }, 'not-a-host-name', 'hostname'],
  [{ hostname: '-a' }, 'not-a-host-name', 'hostname'],
  [{ nickname: bytes('fffe') }, 'invalid-text', 'nickname'],
  [{ operator: 'root; reboot' }, 'not-a-user-name', 'operator'],
  [{ shields_up: 'true' }, 'wrong-type', 'shields_up'],
  [{ shields_up: raw('1') }, 'wrong-type', 'shields_up'],
  [{ relay_server_port: 65_536 }, 'out-of-range', 'relay_server_port'],
  [{ relay_server_port: -1 }, 'out-of-range', 'relay_server_port'],
  [{ relay_server_port: raw('9223372036854775807') }, 'out-of-range', 'relay_server_port'],
  [{ relay_server_port: 1.5 }, 'wrong-type', 'relay_server_port'],
  [{ advertise_routes: '10.0.0.0/8' }, 'wrong-type', 'advertise_routes'],
  [{ advertise_routes: { 0: '10.0.0.0/8' } }, 'wrong-type', 'advertise_routes'],
  [{ advertise_routes: [null] }, 'wrong-type', 'advertise_routes'],
  [{ advertise_routes: ['10.0.0.0/8', '10.0.0.1/8'] }, 'host-bits', 'advertise_routes'],
  [{ advertise_routes: ['0.0.0.0/0'] }, 'default-route', 'advertise_routes'],
  [{ advertise_routes: ['10.0.0.0/33'] }, 'not-a-prefix', 'advertise_routes'],
  [{ advertise_routes: ['10.0.0.0/99999999999999999999'] }, 'not-a-prefix', 'advertise_routes'],
  [{ advertise_routes: Array.from({ length: 257 }, () => '10.0.0.0/8') }, 'too-many', 'advertise_routes'],
  [{ advertise_tags: ['server'] }, 'not-a-tag', 'advertise_tags'],
  [{ advertise_tags: [[[[[]]]]] }, 'wrong-type', 'advertise_tags'],
  [{ relay_server_static_endpoints: ['1.2.3.4:0'] }, 'not-an-endpoint', 'relay_server_static_endpoints'],
  [{ login_server: 'https://evil.example' }, 'policy', 'login_server'],
  [{ exit_node: 'nPeer' }, 'policy', 'exit_node'],
  [{ netfilter_mode: 'on' }, 'policy', 'netfilter_mode'],
  [{ accept_dns: true }, 'policy', 'accept_dns'],
  // All or nothing.
  [{ hostname: 'good', advertise_routes: ['bad'] }, 'not-a-prefix', 'advertise_routes'],
  [{ hostname: 'good', nonsense: true }, 'unknown-preference', 'nonsense']
];

/** Of an agent that is logged in; `job`: the first that it has not begun. */
export const absentOnes = (job: number): readonly Refused[] => [
  [['peer', { id: 'nNobody' }], ['not-found']],
  [['ping', { peer: 'nNobody' }], ['not-found']],
  [['exit_node', { id: 'nNobody' }], ['not-found']],
  [
    ['exit_node', { id: 'suggest' }],
    ['not-found', 'daemon-refused']
  ],
  [['switch_profile', { id: 'ffff' }], ['not-found']],
  [['delete_profile', { id: 'ffff' }], ['not-found']],
  [['job', { id: job }], ['not-found']],
  [['job', { id: 2 ** 31 - 1 }], ['not-found']],
  [['confirm', { job }], ['not-found']],
  [['cancel_login'], ['not-found']],
  [['rollback'], ['not-found']],
  [['set_build', { build: 'compact' }], ['unsupported']],
  [['login'], ['conflict']],
  [['login', { login_server: 'http://192.0.2.1' }], ['insecure-url'], 'login_server'],
  [['retry'], ['conflict']]
];

/** Throws unless each call was refused as it should be. */
export function assertRefused(calls: readonly Refused[], answers: readonly Answer[]): void {
  for (const [index, [one, by, field]] of calls.entries()) {
    const { status, reply } = answers[index] ?? { status: -1, reply: null };
    const text = `${JSON.stringify(one).slice(0, 200)}: ${status} ${JSON.stringify(reply).slice(0, 300)}`;
    if (by === 'ubus') {
      assert.is(status, 2, text);
    } else {
      assert.is(status, 0, text);
      assert.ok(reply?.error && by.includes(reply.error.code), `${text}, not ${by.join()}`);
      if (field !== undefined) assert.is(reply.error.field, field, text);
    }
  }
}
