import type { Desk } from '../../../dev/router/desk.ts';
import { daemonPids, daemonStatus } from '../../../dev/router/desk.ts';
import type { OpenWrt } from '../../../dev/router/router.ts';
import { realRelease } from '../../../dev/tailnet/tailnet.ts';
import { sleep } from '../../../dev/tailnet/wait.ts';
import { testVersions } from '../../../src/shared/test-versions.ts';
import { agentPid, agentStatus, startJob, untilEnded } from '../agent-calls.ts';

/** What a router lives through. */
export interface Event {
  name: string;
  /** As a column's head. */
  short: string;
  /** The router has no firewall for a while, by its own doing: then everything is open. */
  opens?: boolean;
  happen(scene: Scene): Promise<unknown>;
}

export interface Scene {
  desk: Desk;
  router: OpenWrt;
  /** Switches it off, and on again; returns when its ends are in place. */
  cutPower(): Promise<void>;
  /** Throws if more is open than there should be, or the LAN has lost its router. */
  checkWithoutWan(): Promise<void>;
}

const service = '/etc/init.d/tailscale-ram';

export const events: Event[] = [
  { name: 'fw4 reload', short: 'reload', happen: script('fw4 -q reload') },
  { name: 'fw4 restart', short: 'restart', opens: true, happen: script('fw4 -q restart') },
  {
    name: 'the firewall is stopped, and started',
    short: 'stopped',
    opens: true,
    happen: script('/etc/init.d/firewall stop; sleep 1; /etc/init.d/firewall start')
  },
  { name: 'network restart', short: 'network', happen: script('/etc/init.d/network restart; sleep 3') },
  {
    name: 'ifdown and ifup of wan',
    short: 'wan',
    happen: script('ifdown wan; ifdown wan6; sleep 2; ifup wan; ifup wan6')
  },
  {
    name: 'the daemon is restarted',
    short: 'daemon',
    happen: (scene) => untilAnotherDaemon(scene, [service, 'restart'])
  },
  {
    name: 'the daemon is killed',
    short: 'killed',
    // A version that dies by itself three times is set aside.
    happen: (scene) =>
      untilAnotherDaemon(scene, 'rm -f /var/run/tailscale-ram/starts; kill -9 $(pidof tailscaled)')
  },
  { name: 'an update', short: 'update', happen: update },
  { name: 'the agent is killed', short: 'agent', happen: killAgent },
  { name: 'a power cut', short: 'power', happen: (scene) => scene.cutPower() },
  { name: 'a boot with a late WAN', short: 'late', happen: bootWithLateWan }
];

function script(text: string): Event['happen'] {
  return ({ router }) => router.succeed(text, { timeout: 60 });
}

async function untilAnotherDaemon({ router }: Scene, command: string | readonly string[]): Promise<void> {
  const before = await daemonPids(router);
  await router.succeed(command);
  await router.until('another daemon answers', 20, async () => {
    const now = await daemonPids(router);
    return now !== '' && now !== before && (await daemonStatus(router));
  });
}

/** To the other one of two versions. */
async function update(scene: Scene): Promise<void> {
  const { desk, router } = scene;
  const { latest, older } = testVersions;
  const next = (await agentStatus(router)).version === latest ? older : latest;
  desk.mirror.setReleases([await realRelease(next)]);
  const job = await untilEnded(router, await startJob(router, 'update'), 60);
  if (job.state !== 'done') throw new Error(`the update has ${job.state}: ${JSON.stringify(job.error)}`);
  const { version } = await agentStatus(router);
  if (version !== next) throw new Error(`it is ${version ?? 'none'}, not ${next}`);
}

async function killAgent({ router }: Scene): Promise<void> {
  const before = await agentPid(router);
  await router.succeed(['kill', '-9', before]);
  await router.until('another agent answers', 20, async () => {
    const now = await agentPid(router);
    return now !== '' && now !== before && (await agentStatus(router)).state === 'Running';
  });
}

async function bootWithLateWan(scene: Scene): Promise<void> {
  const { wan } = scene.desk.surroundings;
  await wan.disconnect();
  try {
    await scene.cutPower();
    await sleep(2000);
    await scene.checkWithoutWan();
  } finally {
    await wan.connect();
  }
}
