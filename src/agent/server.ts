/** The ubus object: who calls gets an answer from memory, or a deferred one, and never an exception. */

import { connect } from 'ubus';
import type { Connection, Listener, Request } from 'ubus';
import { interval, end, timer } from 'uloop';
import type { Timer } from 'uloop';
import type { AgentError } from '../shared/agent-errors.ts';
import type { Checked } from './checks.ts';
import { daemon, lookNow } from './daemon.ts';
import { fault, same } from './text.ts';

/** Once: what was wrong, or null and what there is to tell. */
type Answer = (failure: AgentError | null, reply?: object | null) => void;

interface Argument {
  /** A value of its type, for ubus; if it is missing, it is text. */
  sample?: unknown;
  check: (value: unknown) => Checked<unknown>;
  /** Taken if it is missing or empty; without it, it may be neither. */
  otherwise?: unknown;
}

interface Method {
  /** What it takes besides the session. */
  args?: Record<string, Argument>;
  /** It changes something: it answers once that is known. */
  writes?: boolean;
  call: (args: Record<string, unknown>, answer: Answer) => void;
}

const NAME = 'tailscale-ram';
/** The longest that a caller waits; ubus itself gives up after half a minute. */
const LONGEST_MS = 15000;

let connection: Connection | null = null;
/** They end with what holds them. */
let listeners: Listener[] = [];

/** The arguments in their normal forms, or what is wrong with one of them. */
function checkAll(method: Method, args: Record<string, unknown>): Checked<Record<string, unknown>> {
  let checked: Record<string, unknown> = {};
  for (let name in method.args) {
    let argument = method.args[name];
    let value = args[name];
    if (!argument) continue;
    if ((value == null || same(value, '')) && exists(argument, 'otherwise')) {
      checked[name] = argument.otherwise;
      continue;
    }
    let right = argument.check(value);
    if (right.error) return { error: { ...right.error, field: name } };
    checked[name] = right.value;
  }
  return { value: checked };
}

function serve(method: Method, request: Request): object | null {
  let state: { reply?: object; deferred?: boolean; limit?: Timer | null } = {};
  let reply = (given: object): void => {
    if (state.reply) return;
    state.reply = given;
    state.limit?.cancel();
    state.limit = null;
    if (state.deferred) request.reply(given);
  };
  let answer: Answer = (error, given) => {
    let tell = (): void => {
      reply(error ? { error } : (given ?? {}));
    };
    if (!error && method.writes && daemon.reachable) lookNow(tell);
    else tell();
  };
  try {
    let args = checkAll(method, request.args);
    if (args.error) answer(args.error);
    else method.call(args.value, answer);
  } catch (e) {
    warn(`${request.info.method}: ${(e as Exception).message}\n`);
    answer(fault('internal', 'see the log'));
  }
  if (state.reply) return state.reply;
  state.deferred = true;
  request.defer();
  state.limit = timer(LONGEST_MS, () => {
    reply({ error: fault('timeout') });
  });
  return null;
}

/** Serves the methods by their names. False: there is no ubus, or it has such an object already. */
function startServer(methods: Readonly<Record<string, Method>>): boolean {
  connection = connect();
  let table: Record<string, { args?: object; call: object }> = {};
  for (let name in methods) {
    let method = methods[name];
    if (!method) continue;
    // Whoever comes through uhttpd sends its session along, and ubus refuses what is not declared.
    let samples: Record<string, unknown> = { ubus_rpc_session: '' };
    for (let argument in method.args) samples[argument] = method.args[argument]?.sample ?? '';
    table[name] = { args: samples, call: (request: Request) => serve(method, request) };
  }
  let object = connection?.publish(NAME, table as Parameters<Connection['publish']>[1]);
  // ubus has made its own of them.
  for (let name in table) delete table[name]?.args;
  // Nobody tells that ubusd has gone, and nothing brings a connection back: the next agent makes a new one.
  interval(10000, () => {
    if (!length(connection?.list(NAME))) end();
  });
  return object != null;
}

/** Calls somebody else's method without waiting; `done` gets null if that failed. */
function callOther(
  name: string,
  method: string,
  data: object,
  done: (reply: Record<string, unknown> | null) => void
): void {
  let call = connection?.defer(name, method, data, (status, reply) => {
    // An exception in here would vanish.
    try {
      done(status == 0 ? (reply ?? {}) : null);
    } catch (e) {
      warn(`${name}.${method}: ${(e as Exception).message}\n`);
    }
  });
  if (!call) done(null);
}

/** Tells procd of another configuration. */
function announce(name: string): void {
  let data = { type: 'config.change', data: { package: name } };
  callOther('service', 'event', data, () => null);
}

/** Calls back for each event of this kind that somebody sends. */
function onEvent(kind: string, happened: Parameters<Connection['listener']>[1]): void {
  let listener = connection?.listener(kind, happened);
  if (listener) push(listeners, listener);
}

export { announce, callOther, onEvent, startServer };
export type { Answer, Argument, Method };
