import * as assert from 'uvu/assert';
import { daemonPids, daemonSocket } from '../../dev/router/desk.ts';
import { callLocalApi } from '../../dev/tailnet/localapi.ts';
import { onEachRelease } from '../support/router.ts';
import {
  agentPid,
  agentStatus,
  callAgent,
  refusal,
  startJob,
  untilEnded,
  untilInTailnet,
  untilStatus,
  type Job
} from './agent-calls.ts';
import { isSoak } from './soak.ts';

const file = 'etc/tailscale-ram/unconfirmed.json';

await onEachRelease('confirm or revert', (scenario, bench) => {
  let first: string;
  let other: string;
  let exit: string;

  const prefs = async (): Promise<Record<string, unknown>> =>
    (await callLocalApi(daemonSocket(bench.router), 'GET', 'prefs')) as Record<string, unknown>;
  const currentProfile = async (): Promise<string | null> =>
    (await callAgent<{ current: string | null }>(bench.router, 'profiles')).current;

  /** What can cut off the one who asks for it, how to see that it is done, and how to undo it by hand. */
  const changes: Change[] = [
    {
      method: 'disconnect',
      isDone: async () => (await agentStatus(bench.router)).state === 'Stopped',
      back: 'connect'
    },
    {
      method: 'set',
      args: () => ({ preferences: { shields_up: true } }),
      isDone: async () => (await prefs())['ShieldsUp'] === true,
      back: 'set',
      backArgs: () => ({ preferences: { shields_up: false } })
    },
    {
      method: 'set',
      args: () => ({ preferences: { advertise_routes: ['10.9.0.0/16'] } }),
      isDone: async () => JSON.stringify((await prefs())['AdvertiseRoutes']) === '["10.9.0.0/16"]',
      back: 'set',
      backArgs: () => ({ preferences: { advertise_routes: [] } })
    },
    {
      method: 'exit_node',
      args: () => ({ id: exit }),
      isDone: async () => (await prefs())['ExitNodeID'] === exit,
      back: 'exit_node',
      backArgs: () => ({ id: 'none' })
    },
    {
      method: 'switch_profile',
      args: () => ({ id: other }),
      isDone: async () => (await currentProfile()) === other,
      back: 'switch_profile',
      backArgs: () => ({ id: first })
    },
    {
      method: 'new_profile',
      isDone: async () => (await currentProfile()) === null,
      back: 'switch_profile',
      backArgs: () => ({ id: first })
    }
  ];

  const begin = async ({ method, args, isDone }: Change): Promise<number> => {
    const job = await startJob(bench.router, method, args?.());
    await bench.router.until(`${method} is done`, 5, isDone);
    const { unconfirmed } = await agentStatus(bench.router);
    assert.is(unconfirmed?.job, job);
    assert.is(unconfirmed?.method, method);
    return job;
  };
  const untilUndone = async ({ method, isDone }: Change, seconds: number): Promise<void> => {
    await bench.router.until(`${method} is undone`, seconds, async () => !(await isDone()));
    // tailscaled takes its time to reach its relay again after another profile.
    await untilInTailnet(bench.router, 40);
    await untilStatus(bench.router, 'nothing waits', 5, ({ unconfirmed }) => unconfirmed === null);
    assert.is(await bench.router.read(file), undefined);
  };
  /** Kills the agent; for the next one, only so many seconds are left. Returns once that one is there. */
  const killAgent = async (left: number): Promise<void> => {
    const { router } = bench;
    const before = await agentPid(router);
    await router.succeed(['kill', '-9', before]);
    const record = JSON.parse((await router.read(file)) ?? '') as { until: number };
    const uptime = Number.parseInt((await router.read('proc/uptime')) ?? '');
    await router.write(file, JSON.stringify({ ...record, until: uptime + left }));
    await router.until('another agent serves', 5, async () => {
      const now = await agentPid(router);
      return now !== '' && now !== before && (await agentStatus(router)).state !== null;
    });
  };

  scenario('a router with two profiles, and an exit node beside it', async () => {
    const { desk, router } = bench;
    await desk.peer.cli.succeed('set', '--advertise-exit-node');
    const peer = (await desk.headscale.listNodes()).find((node) =>
      node.ip_addresses.includes(desk.peerAddress)
    );
    await desk.headscale.approveRoutes(peer?.id ?? 0, ['0.0.0.0/0', '::/0']);
    await router.powerOn();
    await desk.install(router);
    await untilStatus(router, 'tailscaled answers', 30, ({ state }) => state === 'NeedsLogin');
    const login_server = desk.headscale.url;
    const user = await desk.headscale.createUser(`other${bench.rootfs.release.replace('.', '')}`);
    const otherKey = await desk.headscale.preauthKey(user);
    for (const auth_key of [otherKey, desk.authKey]) {
      const job = await startJob(router, 'login', { login_server, auth_key, profile: 'new' });
      assert.is((await untilEnded(router, job)).state, 'done');
      await untilInTailnet(router);
      other = first;
      first = (await currentProfile()) ?? '';
    }
    assert.ok(other);
    const nodes = await callAgent<{ exit_nodes: { id: string }[] }>(router, 'exit_nodes');
    exit = nodes.exit_nodes[0]?.id ?? '';
    assert.ok(exit);
  });

  for (const change of changes) {
    const name =
      `${change.method} ${Object.keys((change.args?.() as Args | undefined)?.preferences ?? {}).join()}`.trim();
    scenario(`${name}: stays if confirmed`, async () => {
      const { router } = bench;
      const job = await begin(change);
      assert.is(await refusal(router, 'disconnect'), 'busy');
      assert.is(await refusal(router, 'confirm', { job: job + 1 }), 'not-found');
      await callAgent(router, 'confirm', { job });
      assert.is(await refusal(router, 'confirm', { job }), 'not-found');
      assert.is((await callAgent<Job>(router, 'job', { id: job })).state, 'done');
      assert.is(await router.read(file), undefined);
      assert.ok(await change.isDone());

      const back = await callAgent<{ job?: number }>(router, change.back, change.backArgs?.());
      if (back.job !== undefined) await callAgent(router, 'confirm', { job: back.job });
      await untilUndone(change, 5);
    });

    scenario(`${name}: is undone if not, by the next agent if one dies`, async () => {
      const { router } = bench;
      const job = await begin(change);
      await killAgent(4);
      assert.ok(await change.isDone());
      assert.is((await agentStatus(router)).unconfirmed?.job, job);
      await untilUndone(change, 8);
      assert.is((await callAgent<Job>(router, 'job', { id: job })).error?.code, 'not-confirmed');
    });
  }

  for (const method of ['disconnect', 'exit_node', 'new_profile']) {
    scenario(`${method}: is undone by the next boot after a power cut`, async () => {
      const { router } = bench;
      const change = changes.find((one) => one.method === method) as Change;
      await begin(change);
      await router.powerCut();
      await router.powerOn();
      await router.until('the agent serves', 20, async () => (await agentStatus(router)).daemon);
      await untilUndone(change, 20);
    });
  }

  scenario('it is undone, too, if the daemon dies meanwhile', async () => {
    const { router } = bench;
    const change = changes[0] as Change;
    await begin(change);
    await killAgent(3);
    await router.succeed(['kill', '-9', await daemonPids(router)]);
    await untilUndone(change, 20);
  });

  for (const method of ['exit_node', 'switch_profile']) {
    scenario(`${method}: done, confirmed, and undone with the WAN cut each time`, async () => {
      const { desk, router } = bench;
      const { wan } = desk.surroundings;
      const change = changes.find((one) => one.method === method) as Change;
      await wan.disconnect();
      await callAgent(router, 'confirm', { job: await begin(change) });
      await wan.connect();
      await untilInTailnet(router, 40);
      assert.ok(await change.isDone());
      await callAgent(router, 'confirm', { job: await startJob(router, change.back, change.backArgs?.()) });
      await untilUndone(change, 5);

      await begin(change);
      await wan.disconnect();
      await killAgent(3);
      await router.until(`${method} is undone`, 10, async () => !(await change.isDone()));
      await wan.connect();
      await untilUndone(change, 5);
    });
  }

  if (isSoak)
    scenario('it takes ninety seconds', async () => {
      const change = changes[0] as Change;
      const began = Date.now();
      await begin(change);
      await untilUndone(change, 100);
      const took = (Date.now() - began) / 1000;
      assert.ok(took > 85 && took < 100, `${took} s`);
    });
});

interface Change {
  method: string;
  args?: () => object;
  isDone: () => Promise<boolean>;
  back: string;
  backArgs?: () => object;
}

interface Args {
  preferences?: object;
}
