import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBytes } from '../../dev/host/bytes.ts';
import { runOnHost } from '../../dev/host/program.ts';
import type { Bus } from '../../dev/host/system/bus.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import type { AgentError } from '../../src/shared/agent-errors.ts';

/** A method of the agent and its arguments: values of JSON, and those of `bytes`, `raw` and `repeated`. */
export type Call = readonly [method: string, args?: unknown];

export interface Answer {
  /** As of ubus: 0 if the agent has answered. */
  status: number;
  reply: (Record<string, unknown> & { error?: AgentError | null }) | null;
}

/** A text of these bytes, in hexadecimal digits. */
export function bytes(hex: string): object {
  return { $hex: hex };
}

/** What ucode's own parser makes of it: `__proto__` as a key, a number of 64 bits. */
export function raw(json: string): object {
  return { $json: json };
}

/** A text again and again, so many bytes in all. */
export function repeated(text: string, length: number): object {
  return { $text: text, $bytes: length };
}

/** Calls the agent from one process on the router: one call after the other, at most five seconds each. */
export async function callAll(router: OpenWrt, calls: readonly Call[]): Promise<Answer[]> {
  await router.write('root/client.uc', client(5));
  await router.write('root/calls.json', JSON.stringify(calls));
  return JSON.parse(await router.succeed(['ucode', '/root/client.uc'], { timeout: 120 })) as Answer[];
}

/**
 * The same on Node, where what the agent starts is a Node of its own: twenty seconds each. `root` is the folder that its
 * programs take for the root of the file system.
 */
export async function callAllOnHost(bus: Bus, root: string, calls: readonly Call[]): Promise<Answer[]> {
  const program = join(root, 'client.ts');
  await writeFile(program, client(20));
  await mkdir(join(root, 'root'), { recursive: true });
  await writeFile(join(root, 'root/calls.json'), JSON.stringify(calls));
  const run = runOnHost(program, { root, bus });
  if ((await run.ended) !== 0) throw new Error(fromBytes(run.output()));
  return JSON.parse(fromBytes(run.output())) as Answer[];
}

const client = (seconds: number): string => `
import { connect } from 'ubus';
import { readfile } from 'fs';

function revive(value) {
  if (type(value) == 'array') return map(value, (element) => revive(element));
  if (type(value) != 'object') return value;
  if (exists(value, '$hex')) return hexdec(value['$hex']);
  if (exists(value, '$json')) return json(value['$json']);
  if (exists(value, '$text')) {
    let text = value['$text'];
    while (length(text) < value['$bytes']) text += text;
    return substr(text, 0, value['$bytes']);
  }
  let revived = {};
  for (let key in value) revived[key] = revive(value[key]);
  return revived;
}

let bus = connect(null, ${seconds});
let calls = json(readfile('/root/calls.json'));
print(sprintf('%J', map(calls, (call) => {
  let reply = bus.call('tailscale-ram', call[0], revive(call[1] ?? {}));
  return { status: reply == null ? bus.error(true) : 0, reply };
})));
`;
