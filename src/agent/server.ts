/** The ubus object: who calls gets an answer from memory, or a deferred one, and never an exception. */

import { connect, guard as guardUbus } from 'ubus';
import type { Connection, PublishedObject, Request } from 'ubus';
import { interval, end, timer } from 'uloop';
import type { Timer } from 'uloop';
import type { AgentError } from '../shared/agent-errors.ts';

type Answer = (reply: object) => void;

interface Method {
  /** What it takes besides the session, with a value of each argument's type; all may be left out. */
  args?: Record<string, unknown>;
  /** Answers once, now or later. */
  call: (args: Record<string, unknown>, answer: Answer) => void;
}

const NAME = 'tailscale-ram';
/** The longest that a caller waits; ubus itself gives up after half a minute. */
const LONGEST_MS = 15000;

let connection: Connection | null = null;
let object: PublishedObject | null = null;

function refuse(error: AgentError): object {
  return { error };
}

function serve(method: Method, request: Request): object | null {
  let state = { reply: null as object | null, deferred: false, limit: null as Timer | null };
  let answer = (reply: object): void => {
    if (state.reply) return;
    state.reply = reply;
    state.limit?.cancel();
    state.limit = null;
    if (state.deferred) request.reply(reply);
  };
  try {
    method.call(request.args, answer);
  } catch (e) {
    warn(`${request.info.method}: ${(e as Exception).message}\n`);
    answer(refuse({ code: 'internal', detail: 'see the log' }));
  }
  if (state.reply) return state.reply;
  state.deferred = true;
  request.defer();
  state.limit = timer(LONGEST_MS, () => {
    answer(refuse({ code: 'timeout', detail: '' }));
  });
  return null;
}

/** Serves the methods by their names. False: there is no ubus, or it has such an object already. */
function startServer(methods: Readonly<Record<string, Method>>): boolean {
  connection = connect();
  let table: Record<string, object> = {};
  for (let name in methods) {
    let method = methods[name];
    if (!method) continue;
    table[name] = {
      // Whoever comes through uhttpd sends its session along, and ubus refuses what is not declared.
      args: { ...(method.args ?? {}), ubus_rpc_session: '' },
      call: (request: Request) => serve(method, request)
    };
  }
  object = connection?.publish(NAME, table as Parameters<Connection['publish']>[1]) ?? null;
  // Nobody tells that ubusd has gone, and nothing brings a connection back: the next agent makes a new one.
  interval(15000, () => {
    if (!length(connection?.list(NAME))) end();
  });
  return object != null;
}

/** Tells those who subscribed that something has changed. */
function notify(type: string, data: object): void {
  if (object?.subscribed()) object.notify(type, data, null, null, null, -1);
}

/** Events of others, by the pattern of their names. */
function listen(pattern: string, heard: (type: string, data: Record<string, unknown>) => void): void {
  connection?.listener(pattern, heard);
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

function guardServer(handler: (exception: Exception) => void): void {
  guardUbus(handler);
}

export { callOther, guardServer, listen, notify, refuse, startServer };
export type { Answer, Method };
