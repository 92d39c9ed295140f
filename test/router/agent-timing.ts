import type { OpenWrt } from '../../dev/router/router.ts';

interface Timed {
  object?: string;
  method: string;
  args?: object;
  /** How many calls, or for how long, with a pause after each. */
  count?: number;
  seconds?: number;
  pauseMs?: number;
  /** Also called once a second, and not counted. */
  beside?: readonly [method: string, args: object];
}

/** Milliseconds that each of many calls of the agent, or of another object, took; all by one process on the router. */
export async function timeCalls(router: OpenWrt, timed: Timed): Promise<number[]> {
  await router.write('root/timing.uc', client);
  await router.write('root/timing.json', JSON.stringify({ object: 'tailscale-ram', args: {}, ...timed }));
  const timeout = 60 + (timed.seconds ?? 0);
  return JSON.parse(await router.succeed(['ucode', '/root/timing.uc'], { timeout })) as number[];
}

/** Of the agent, in the router. Throws if there is none. */
export async function agentPid(router: OpenWrt): Promise<number> {
  const services = (await router.ubus('service', 'list', { name: 'tailscale-ram' })) as {
    'tailscale-ram'?: { instances: { agent?: { pid?: number } } };
  };
  const pid = services['tailscale-ram']?.instances.agent?.pid;
  if (pid === undefined) throw new Error('there is no agent');
  return pid;
}

/** The memory of a process of the router, in bytes: what it shares with others counts in part. */
export async function memoryOf(router: OpenWrt, pid: number): Promise<number> {
  const text = (await router.read(`proc/${pid}/smaps_rollup`)) ?? '';
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]) * 1024;
}

const client = `
import { connect } from 'ubus';
import { readfile } from 'fs';

function now() {
  let at = clock(true);
  return at[0] * 1000.0 + at[1] / 1000000.0;
}

let bus = connect();
let timed = json(readfile('/root/timing.json'));
let took = [];
let began = now();
let beside_at = began;
while (timed.count ? length(took) < timed.count : now() - began < timed.seconds * 1000) {
  if (timed.beside && now() >= beside_at) {
    bus.call('tailscale-ram', timed.beside[0], timed.beside[1]);
    beside_at += 1000;
  }
  let before = now();
  if (bus.call(timed.object, timed.method, timed.args) == null) die(bus.error());
  push(took, now() - before);
  if (timed.pauseMs) sleep(timed.pauseMs);
}
print(sprintf('%J', took));
`;
