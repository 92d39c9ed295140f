import { readdir } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { daemonPids, daemonSocket, untilNamed } from '../../dev/router/desk.ts';
import { callLocalApi } from '../../dev/tailnet/localapi.ts';
import { realRelease } from '../../dev/tailnet/tailnet.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { onEachRelease } from '../support/router.ts';
import {
  agentPid,
  agentStatus,
  callAgent,
  startJob,
  untilEnded,
  untilInTailnet,
  untilStatus
} from './agent-calls.ts';
import { isSoak } from './soak.ts';

const service = '/etc/init.d/tailscale-ram';
const older = [await realRelease(testVersions.older)];

await onEachRelease(
  'life of the agent',
  (scenario, bench) => {
    const kill = async (pid: string, signal = '9'): Promise<void> => {
      await bench.router.succeed(['kill', `-${signal}`, pid]);
    };
    /** Waits until the agent, another one than `before` if that is told, is right. */
    const untilRight = async (seconds: number, before?: string): Promise<void> => {
      const { router } = bench;
      const end = Date.now() + seconds * 1000;
      if (before !== undefined)
        await router.until('another agent runs', seconds, async () => {
          const now = await agentPid(router);
          return now !== '' && now !== before;
        });
      await untilInTailnet(router, (end - Date.now()) / 1000);
    };
    const untilAnotherDaemon = async (before: string): Promise<void> => {
      await bench.router.until('another daemon answers', 15, async () => {
        const now = await daemonPids(bench.router);
        if (now === '' || now === before) return false;
        await callLocalApi(daemonSocket(bench.router), 'GET', 'prefs');
        return true;
      });
    };
    /** What the agent holds: open files, and kilobytes for itself. */
    const held = async (): Promise<{ files: number; kilobytes: number }> => {
      const proc = `/proc/${bench.router.pid}/root/proc/${await agentPid(bench.router)}`;
      const status = (await bench.router.read(`proc/${await agentPid(bench.router)}/status`)) ?? '';
      const kilobytes = Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]);
      return { files: (await readdir(`${proc}/fd`)).length, kilobytes };
    };

    scenario('a router in its tailnet', async () => {
      const { desk, router } = bench;
      await router.powerOn();
      await desk.install(router);
      await untilStatus(router, 'tailscaled answers', 30, ({ state }) => state === 'NeedsLogin');
      const args = { login_server: desk.headscale.url, auth_key: desk.authKey };
      assert.is((await untilEnded(router, await startJob(router, 'login', args))).state, 'done');
      await untilInTailnet(router);
    });

    scenario('the daemon is stopped for a while, and then killed', async () => {
      const { router } = bench;
      const agent = await agentPid(router);
      for (const signal of ['TERM', '9']) {
        const daemon = await daemonPids(router);
        await router.succeed(`rm -f /var/run/tailscale-ram/starts; kill -${signal} ${daemon}`);
        await untilStatus(router, 'it says so', 2, (status) => !status.daemon && status.state === null);
        await untilAnotherDaemon(daemon);
        await untilRight(5);
      }
      assert.is(await agentPid(router), agent);
    });

    scenario('the daemon is frozen for a while', async () => {
      const { router } = bench;
      const daemon = await daemonPids(router);
      await kill(daemon, 'STOP');
      await sleep(3000);
      const began = Date.now();
      await agentStatus(router);
      assert.ok(Date.now() - began < 1000, 'the agent answers meanwhile');
      await kill(daemon, 'CONT');
      await untilRight(5);
      assert.is(await daemonPids(router), daemon);
    });

    scenario('rpcd and netifd are restarted, and the configuration is read again', async () => {
      const { router } = bench;
      const [daemon, agent] = [await daemonPids(router), await agentPid(router)];
      await router.succeed(['/etc/init.d/rpcd', 'restart']);
      await untilRight(5);
      await router.succeed('kill -9 $(pidof netifd)');
      // What asks one that has just been killed waits half a minute for its answer.
      const status = 'ubus -t 1 call network.interface.wan status';
      await router.until('the WAN is up again', 20, `${status} | grep -q '"up": true'`);
      await untilRight(5);
      await router.uci('set', 'tailscale-ram.main.update_window=');
      await router.uci('set', 'tailscale-ram.main.watchdog_hours=0');
      await router.uci('commit', 'tailscale-ram');
      await router.succeed(['reload_config']);
      await sleep(3000);
      await untilRight(5);
      assert.is(await daemonPids(router), daemon);
      assert.is(await agentPid(router), agent, 'a new configuration takes no new agent');
    });

    scenario('the time server has another year', async () => {
      const { desk, router } = bench;
      const [daemon, agent] = [await daemonPids(router), await agentPid(router)];
      for (const ahead of [400 * 86400, -400 * 86400, 0]) {
        desk.surroundings.time.ahead = ahead;
        await router.succeed(['/etc/init.d/sysntpd', 'restart']);
        await sleep(1500);
        await untilRight(5);
      }
      assert.equal([await daemonPids(router), await agentPid(router)], [daemon, agent]);
    });

    scenario('the agent is killed during a change: it is made, or not, and nothing between', async () => {
      const { router } = bench;
      const daemon = await daemonPids(router);
      for (let times = 0; times < 3; times++) {
        const agent = await agentPid(router);
        const wanted = { hostname: `name${times}`, operator: `name${times}` };
        const call = `ubus call tailscale-ram set '${JSON.stringify({ preferences: wanted })}' &`;
        await router.exec(`${call} ${times > 0 ? `usleep ${times * 2000};` : ''} kill -9 ${agent}; wait`);
        await untilRight(5, agent);
        const prefs = (await callLocalApi(daemonSocket(router), 'GET', 'prefs')) as Record<string, unknown>;
        assert.is(prefs['Hostname'] ?? '', prefs['OperatorUser'] ?? '');
      }
      assert.is(await daemonPids(router), daemon);
    });

    scenario('the agent is killed during a login: the next one lets it begin again', async () => {
      const { desk, router } = bench;
      const [daemon, agent] = [await daemonPids(router), await agentPid(router)];
      await callAgent(router, 'logout');
      const login_server = desk.headscale.url;
      await startJob(router, 'login', { login_server });
      await router.until('there is a link', 15, async () => (await agentStatus(router)).login_url !== null);
      await kill(agent);
      await router.until('another agent runs', 5, async () => (await agentStatus(router)).state !== null);
      assert.is.not(await agentPid(router), agent);
      const again = await startJob(router, 'login', { login_server, auth_key: desk.authKey });
      const ended = await untilEnded(router, again);
      assert.is(ended.state, 'done', JSON.stringify(ended.error));
      await untilRight(5);
      assert.is(await daemonPids(router), daemon);
    });

    scenario('an update brings the new version, Running', async () => {
      const { desk, router } = bench;
      assert.is((await agentStatus(router)).version, testVersions.older);
      desk.mirror.setReleases([await realRelease(testVersions.latest), ...older]);
      const agent = await agentPid(router);
      await untilNamed(router);
      const job = await startJob(router, 'update');
      const ended = await untilEnded(router, job, 40);
      assert.is(ended.state, 'done', JSON.stringify(ended.error));
      assert.equal(ended.result, { version: testVersions.latest });
      await untilRight(5);
      assert.is((await agentStatus(router)).version, testVersions.latest);
      const nothing = await untilEnded(router, await startJob(router, 'update'));
      assert.equal(nothing.result, { version: testVersions.latest, newest: true });
      assert.is(await agentPid(router), agent);
    });

    scenario('the daemon is restarted many times: the agent holds nothing of it', async () => {
      const { router } = bench;
      const agent = await agentPid(router);
      const restart = async (): Promise<void> => {
        const daemon = await daemonPids(router);
        await router.succeed(`rm -f /var/run/tailscale-ram/starts; kill ${daemon}`);
        await untilAnotherDaemon(daemon);
        await untilRight(5);
      };
      await restart();
      const before = await held();
      for (let times = 0; times < (isSoak ? 100 : 5); times++) await restart();
      const after = await held();
      assert.ok(after.files <= before.files, `${before.files} → ${after.files} open files`);
      assert.ok(after.kilobytes <= before.kilobytes + 300, `${before.kilobytes} → ${after.kilobytes} KiB`);
      assert.is(await agentPid(router), agent);
    });

    scenario('ubusd is killed', async () => {
      const { router } = bench;
      const [daemon, agent] = [await daemonPids(router), await agentPid(router)];
      await router.succeed('kill -9 $(pidof ubusd)');
      await untilRight(20, agent);
      assert.is(await daemonPids(router), daemon);
      assert.is((await router.exec(['ubus', 'call', 'service', 'list'])).code, 0);
    });

    scenario('a stop ends both, a start begins both', async () => {
      const { router } = bench;
      await router.succeed([service, 'stop']);
      await router.until('both have ended', 10, async () => {
        return (await daemonPids(router)) === '' && (await agentPid(router)) === '';
      });
      await router.succeed([service, 'start']);
      await router.until('the agent serves', 10, async () => (await agentStatus(router)).daemon);
      await untilRight(10);
    });

    if (isSoak)
      scenario('after ten minutes in the tailnet, the version is a good one', async () => {
        const { router } = bench;
        await sleep(600_000);
        await router.until('last-good is written', 130, async () =>
          ((await router.read('etc/tailscale-ram/last-good')) ?? '').startsWith(`${testVersions.latest} `)
        );
      });
  },
  older
);
