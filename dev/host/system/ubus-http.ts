import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseTyped } from '../json.ts';
import { isTable, table, toJson, type Table } from '../values.ts';
import { status, type Bus } from './bus.ts';

/** The bus as JSON-RPC over HTTP, as uhttpd offers it at `/ubus`. */
export interface UbusServer {
  /** Such as `http://127.0.0.1:34567/ubus`. */
  url: string;
  close(): void;
}

/** `allow` stands for rpcd's sessions and access lists; without it everybody may do everything. */
export async function serveUbus(bus: Bus, allow: Allow = () => true, port = 0): Promise<UbusServer> {
  const server = createServer((request, response) => {
    void answerUbus(request, response, bus, allow);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}/ubus`,
    close: () => {
      server.close();
      server.closeAllConnections();
    }
  };
}

/** Whether a session may call a method. */
export type Allow = (session: string, object: string, method: string) => boolean;

const largest = 65_536;
const errors = {
  parse: [-32700, 'Parse error'],
  method: [-32601, 'Method not found'],
  parameters: [-32602, 'Invalid parameters'],
  object: [-32000, 'Object not found'],
  access: [-32002, 'Access denied'],
  timeout: [-32003, 'ubus request timed out']
} as const;

/** Answers one request of an HTTP server that has more than the bus. */
export async function answerUbus(
  request: IncomingMessage,
  response: ServerResponse,
  bus: Bus,
  allow: Allow
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += (chunk as Buffer).toString('latin1');
  const reply = await answerBody(body, bus, allow);
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(Buffer.from(reply, 'latin1'));
}

/** Calls that come together are answered one after the other, as uhttpd does. */
async function answerBody(body: string, bus: Bus, allow: Allow): Promise<string> {
  let call: unknown;
  try {
    call = body.length > largest ? null : parseTyped(body);
  } catch {
    call = null;
  }
  if (!Array.isArray(call)) return answerCall(call, bus, allow);
  const replies: string[] = [];
  for (const each of call) replies.push(await answerCall(each, bus, allow));
  return `[${replies.join(',')}]`;
}

async function answerCall(call: unknown, bus: Bus, allow: Allow): Promise<string> {
  const { jsonrpc, id, method, params } = isTable(call) ? call : table();
  const end = (key: 'result' | 'error', value: string): string =>
    `{"jsonrpc":"2.0","id":${toJson(id ?? null)},"${key}":${value}}`;
  const fail = (error: keyof typeof errors): string => {
    const [code, message] = errors[error];
    return end('error', toJson(table({ code, message })));
  };

  if (jsonrpc !== '2.0' || typeof method !== 'string') return fail('parse');
  const list = Array.isArray(params) ? (params as unknown[]) : [];
  if (method === 'list') return end('result', toJson(listed(bus, list)));
  if (method !== 'call') return fail('method');
  const [session, object, act, args] = list;
  if (typeof session !== 'string' || typeof object !== 'string' || typeof act !== 'string' || !isTable(args))
    return fail('parse');
  if (bus.list(object).length === 0) return fail('object');
  if (!allow(session, object, act)) return fail('access');
  if ('ubus_rpc_session' in args) return fail('parameters');
  const message = toJson(table({ ...(cutStrings(args) as Table), ubus_rpc_session: session }));
  const { status: code, data } = await bus.invoke(object, act, message);
  if (code === status.timeout) return fail('timeout');
  // uhttpd leaves out what is empty.
  return end('result', data === null || data === '{}' ? `[${code}]` : `[${code},${data}]`);
}

function listed(bus: Bus, patterns: readonly unknown[]): unknown {
  if (patterns.length === 0) return bus.list().map(([name]) => name);
  const found = patterns.flatMap((pattern) => bus.list(String(pattern)));
  return table(Object.fromEntries(found));
}

/** On its way from JSON to the bus a string ends at its first NUL. */
function cutStrings(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\0.*/s, '');
  if (Array.isArray(value)) return value.map(cutStrings);
  if (isTable(value)) for (const [key, member] of Object.entries(value)) value[key] = cutStrings(member);
  return value;
}
