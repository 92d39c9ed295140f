import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { daemonPids, daemonStatus } from '../../dev/router/desk.ts';
import { tailscaleBinaries } from '../../dev/setup/go.ts';
import type { HeadscaleNode } from '../../dev/tailnet/headscale.ts';
import { TailnetNode } from '../../dev/tailnet/node.ts';
import { sleep, waitFor } from '../../dev/tailnet/wait.ts';
import type { Status } from '../../src/shared/status.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { onEachRelease } from '../support/router.ts';
import { silentServer } from '../support/silent-server.ts';
import {
  agentStatus,
  callAgent,
  refusal,
  startJob,
  untilEnded,
  untilInTailnet,
  untilStatus,
  type Job
} from './agent-calls.ts';
import { agentPid } from './agent-timing.ts';
import { isSoak } from './soak.ts';

const service = '/etc/init.d/tailscale-ram';

await onEachRelease('login by the agent', (scenario, bench) => {
  /** Of a user of this file alone: its number, and a name that no other release's has. */
  let user: number;
  const userName = () => `router${bench.rootfs.release.replace('.', '')}`;
  let server: string;
  /** Never a new one: Tailscale's own server makes it panic. */
  let daemon: string;

  const nodes = async (): Promise<HeadscaleNode[]> => {
    const all = await bench.desk.headscale.listNodes();
    return all.filter((node) => node.user?.name === userName());
  };
  const loginUrl = async (job: number): Promise<string> =>
    (await bench.router.until('there is a link', 15, async () => {
      const { progress } = await callAgent<Job>(bench.router, 'job', { id: job });
      return progress['login_url'];
    })) as string;
  /** How many connections to the control server the router begins in so many seconds. */
  const connectionsWithin = async (seconds: number): Promise<number> => {
    const { router } = bench;
    await router.succeed(
      `nft 'add table ip counted; add chain ip counted out { type filter hook output priority 0; };
        add rule ip counted out ip daddr ${new URL(server).hostname} tcp flags syn counter'`
    );
    await sleep(seconds * 1000);
    const rules = await router.succeed('nft list table ip counted; nft delete table ip counted');
    return Number(/packets (\d+)/.exec(rules)?.[1]);
  };
  const untilLoggedOut = (): Promise<Status> =>
    untilStatus(bench.router, 'it is logged out', 10, ({ state }) => state === 'NeedsLogin');
  const logout = async (): Promise<void> => {
    await callAgent(bench.router, 'logout');
    await untilLoggedOut();
  };
  const loginByKey = async (args: object = {}): Promise<Job> => {
    const key = await bench.desk.headscale.preauthKey(user);
    const job = await startJob(bench.router, 'login', { login_server: server, auth_key: key, ...args });
    return untilEnded(bench.router, job);
  };

  scenario('a router without an identity waits for a login', async () => {
    const { desk, router } = bench;
    server = desk.headscale.url;
    user = await desk.headscale.createUser(userName());
    await router.powerOn();
    await desk.install(router);
    await router.succeed(['sed', '-i', `s/TS_DISABLE_TAILDROP=1/& ${panic}/`, service]);
    await router.succeed([service, 'restart']);
    await router.until('tailscaled answers', 30, async () => {
      daemon = await daemonPids(router);
      await daemonStatus(router);
      return ((await router.read(`proc/${daemon}/environ`)) ?? '').split('\0').includes(panic);
    });
    await untilLoggedOut();
    assert.ok((await agentStatus(router)).problems.some(({ code }) => code === 'logged-out'));
  });

  scenario('a wrong key fails the job in the words of the server, and nothing keeps trying', async () => {
    const { router } = bench;
    const args = { login_server: server, auth_key: 'hskey-auth-nobody-gave-me-this-one' };
    const { state, error } = await untilEnded(router, await startJob(router, 'login', args));
    assert.is(state, 'failed');
    assert.is(error?.code, 'login-refused');
    assert.match(error?.detail ?? '', /key/i);
    await sleep(1000);
    assert.is(await connectionsWithin(8), 0);
    assert.is((await daemonStatus(router)).BackendState, 'NeedsLogin');
  });

  scenario('a server that refuses connections, or takes them and never answers, is waited for', async () => {
    const { router, desk } = bench;
    const silent = await silentServer(8443, desk.internet.address);
    for (const port of [8443, 8444]) {
      const login_server = `https://${desk.internet.address}:${port}`;
      const job = await startJob(router, 'login', { login_server });
      await sleep(2000);
      assert.is((await callAgent<Job>(router, 'job', { id: job })).state, 'running');
      if (isSoak) {
        const { error } = await untilEnded(router, job, 70);
        assert.is(error?.code, 'timeout');
      } else {
        await callAgent(router, 'cancel_login');
        assert.is((await callAgent<Job>(router, 'job', { id: job })).state, 'cancelled');
      }
      assert.is((await agentStatus(router)).login_server, login_server);
    }
    silent.close();
    await untilLoggedOut();
    assert.equal(await nodes(), []);
  });

  scenario('a server that is away at first gets the login as soon as it is there', async () => {
    const { router, desk } = bench;
    const address = new URL(server).hostname;
    await router.succeed(
      `nft 'add table ip away; add chain ip away out { type filter hook output priority 0; };
        add rule ip away out ip daddr ${address} reject'`
    );
    const key = await desk.headscale.preauthKey(user);
    const job = await startJob(router, 'login', { login_server: server, auth_key: key });
    await sleep(4000);
    await router.succeed('nft delete table ip away');
    const ended = await untilEnded(router, job, 40);
    assert.is(ended.state, 'done', JSON.stringify(ended));
    await untilInTailnet(router);
    assert.is((await nodes()).length, 1);
    await logout();
  });

  scenario('by link: cancelled, once more, and not twice at once', async () => {
    const { router, desk } = bench;
    const cancelled = await startJob(router, 'login', { login_server: server });
    assert.match(await loginUrl(cancelled), new RegExp(`^${server}/register/`));
    await callAgent(router, 'cancel_login');
    assert.is((await callAgent<Job>(router, 'job', { id: cancelled })).state, 'cancelled');
    await untilStatus(router, 'the link is gone', 5, ({ login_url }) => login_url === null);
    assert.is(await refusal(router, 'cancel_login'), 'not-found');

    const job = await startJob(router, 'login', { login_server: server });
    assert.is(await refusal(router, 'login', { login_server: server }), 'busy');
    const url = await loginUrl(job);
    assert.is((await agentStatus(router)).login_url, url);
    await desk.headscale.registerNode(userName(), url);
    assert.equal(await untilEnded(router, job), {
      ...(await callAgent<Job>(router, 'job', { id: job })),
      state: 'done',
      error: null
    });
    const { login_url, self } = await untilInTailnet(router);
    assert.is(login_url, null);
    assert.is(self?.owner, userName());
    assert.is(await refusal(router, 'login', { login_server: server }), 'conflict');
    assert.is((await nodes()).length, 1);
  });

  scenario('logout, and again with a key, on the server of before: the same node', async () => {
    const { router, desk } = bench;
    const [before] = await nodes();
    await logout();
    // Another agent does not have to be told the server again, either.
    const pid = await agentPid(router);
    await router.succeed(['kill', '-9', String(pid)]);
    await router.until('there is another agent', 15, async () => {
      const now = await agentPid(router).catch(() => pid);
      return now !== pid && (await agentStatus(router).catch(() => undefined))?.state === 'NeedsLogin';
    });
    const key = await desk.headscale.preauthKey(user, false);
    const { state, error } = await untilEnded(router, await startJob(router, 'login', { auth_key: key }));
    assert.is(state, 'done', JSON.stringify(error));
    await untilInTailnet(router);
    assert.equal(
      (await nodes()).map(({ id }) => id),
      [before?.id]
    );
  });

  scenario('a key that another device has used up is refused', async () => {
    const { router, desk } = bench;
    await logout();
    const key = await desk.headscale.preauthKey(user, false);
    const phone = await TailnetNode.start(
      await desk.internet.addHost('phone'),
      await tailscaleBinaries(testVersions.latest),
      join(desk.directory, 'ca.pem'),
      join(desk.directory, `phone${bench.rootfs.release}`)
    );
    await phone.login(server, key);
    await phone.cli.succeed('logout');
    await phone.stop();
    const { error } = await untilEnded(router, await startJob(router, 'login', { auth_key: key }));
    assert.is(error?.code, 'login-refused');
    assert.is((await loginByKey()).state, 'done');
    await untilInTailnet(router);
  });

  scenario('a login in a second profile that is refused or cancelled leads back to the first', async () => {
    const { router } = bench;
    const { current } = await callAgent<Profiles>(router, 'profiles');
    const args = { login_server: server, profile: 'new' };
    const untilBack = async (): Promise<void> => {
      await untilStatus(router, 'it is in the first tailnet', 40, ({ self, state }) => {
        return state === 'Running' && self?.owner === userName();
      });
      assert.is((await callAgent<Profiles>(router, 'profiles')).current, current);
    };
    const wrong = { ...args, auth_key: 'hskey-auth-nobody-gave-me-this-one' };
    const { error } = await untilEnded(router, await startJob(router, 'login', wrong));
    assert.is(error?.code, 'login-refused');
    await untilBack();

    await loginUrl(await startJob(router, 'login', args));
    await callAgent(router, 'cancel_login');
    await untilBack();
  });

  scenario('a second profile, and back', async () => {
    const { router, desk } = bench;
    const [node] = (await nodes()).filter(({ online }) => online);
    const { current } = await callAgent<Profiles>(router, 'profiles');
    // Of another user: tailscaled keeps one profile for each.
    const otherUser = `${userName()}-too`;
    const key = await desk.headscale.preauthKey(await desk.headscale.createUser(otherUser));
    const args = { login_server: server, auth_key: key, profile: 'new' };
    const { state, error } = await untilEnded(router, await startJob(router, 'login', args));
    assert.is(state, 'done', JSON.stringify(error));
    await untilStatus(router, 'it is in the other tailnet', 10, ({ self }) => self?.owner === otherUser);
    const after = await callAgent<Profiles>(router, 'profiles');
    assert.is(after.profiles.length, 2);
    assert.is.not(after.current, current);

    const job = await startJob(router, 'switch_profile', { id: current });
    await untilStatus(router, 'it is in the first tailnet', 10, ({ self }) => self?.owner === userName());
    await callAgent(router, 'confirm', { job });
    assert.is((await callAgent<Job>(router, 'job', { id: job })).state, 'done');
    assert.is((await callAgent<Profiles>(router, 'profiles')).current, current);
    await callAgent(router, 'delete_profile', { id: after.current });
    await waitFor('it is the same node, and the only one', 10, async () => {
      const online = (await nodes()).filter((one) => one.online);
      return online.length === 1 && online[0]?.id === node?.id;
    });
  });

  scenario("nothing of it ever went to Tailscale's own server", async () => {
    assert.is(await daemonPids(bench.router), daemon);
  });
});

const panic = 'TS_PANIC_IF_HIT_MAIN_CONTROL=1';

interface Profiles {
  current: string;
  profiles: unknown[];
}
