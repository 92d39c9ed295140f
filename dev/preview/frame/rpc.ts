/** The router's methods, as LuCI's pages call them: ubus over HTTP. */

import { environment } from './environment.ts';
import { baseclass } from './class.ts';

/** What a page tells of a method that it calls. */
export interface Declaration {
  object: string;
  method: string;
  /** The names of its arguments, in the order of those of the function. */
  params?: readonly string[];
  /** The one of the reply's members that is wanted, of the type that its value here has, which stands in for it. */
  expect?: Readonly<Record<string, unknown>>;
  filter?: (this: unknown, reply: unknown, args: object, ...rest: unknown[]) => unknown;
  /** A status other than 0 is an error; without it, it is the reply. */
  reject?: boolean;
  /** In a request of its own. */
  nobatch?: boolean;
}

/** The module, as pages get it. */
export const rpc = baseclass.singleton({
  declare: (declaration: Declaration) => {
    return async (...args: unknown[]): Promise<unknown> => {
      const names = declaration.params ?? [];
      const named = Object.fromEntries(names.map((name, index) => [name, args[index]]));
      const { object, method } = declaration;
      const call: Call = { params: [environment.sessionid, object, method, named] };
      const reply = wanted(await send(call, declaration.nobatch), declaration);
      return declaration.filter
        ? declaration.filter.call(rpc, reply, named, ...args.slice(names.length))
        : reply;
    };
  },
  getSessionID: () => environment.sessionid,
  getBaseURL: () => environment.ubuspath,
  getStatusText: (status: number) => statusTexts[status] ?? 'Unknown error code'
});

interface Call {
  params: readonly [session: string, object: string, method: string, args: object];
}

interface Message {
  error?: { code: number; message: string };
  result?: [status: number, reply?: unknown];
}

interface Waiting {
  call: Call;
  resolve: (message: Message) => void;
  reject: (error: unknown) => void;
}

const timeoutMs = 20_000;
const statusTexts = [
  'Command OK',
  'Invalid command',
  'Invalid argument',
  'Method not found',
  'Resource not found',
  'No data received',
  'Permission denied',
  'Request timeout',
  'Not supported',
  'Unspecified error',
  'Connection lost'
];

let last = 0;
const queue: Waiting[] = [];

/** Those of one moment share a request, and are answered one after the other. */
async function send(call: Call, alone = false): Promise<Message> {
  if (alone) return (await post(frame(call), describe(call))) as Message;
  return new Promise<Message>((resolve, reject) => {
    queue.push({ call, resolve, reject });
    if (queue.length === 1) requestAnimationFrame(() => void flush());
  });
}

async function flush(): Promise<void> {
  const waiting = queue.splice(0);
  try {
    const calls = waiting.map(({ call }) => call);
    const messages = (await post(calls.map(frame), calls.map(describe).join(';'))) as Message[];
    waiting.forEach(({ resolve, reject }, index) => {
      const message = messages[index];
      if (message) resolve(message);
      else reject(new Error('No related RPC reply'));
    });
  } catch (error) {
    for (const { reject } of waiting) reject(error);
  }
}

function frame({ params }: Call): object {
  return { jsonrpc: '2.0', id: ++last, method: 'call', params };
}

function describe({ params: [, object, method] }: Call): string {
  return `${object}.${method}`;
}

async function post(body: unknown, name: string): Promise<unknown> {
  const response = await fetch(`${environment.ubuspath}${name}?${Date.now()}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs)
  });
  if (!response.ok) throw failure(`RPC call to ${name} failed with HTTP error ${response.status}`);
  return response.json();
}

/** The reply's part that was asked for. */
function wanted({ error, result }: Message, { object, method, reject, expect }: Declaration): unknown {
  const name = `RPC call to ${object}/${method} failed with`;
  if (error) throw failure(`${name} error ${error.code}: ${error.message}`);
  const [status, whole] = result ?? [9];
  if (reject && status !== 0)
    throw failure(`${name} ubus code ${status}: ${statusTexts[status] ?? 'Unknown error code'}`);
  const reply = result && result.length > 1 ? whole : status;
  const [[key, otherwise] = []] = Object.entries(expect ?? {});
  if (key === undefined) return reply;
  const part = key === '' ? reply : (reply as Record<string, unknown> | null)?.[key];
  return kindOf(part) === kindOf(otherwise) ? part : otherwise;
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

function failure(message: string): Error {
  return Object.assign(new Error(message), { name: 'RPCError' });
}
