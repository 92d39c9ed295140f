import * as assert from 'uvu/assert';
import { bootstrapState, daemonPids, daemonSocket, daemonStatus, untilPhase } from '../../dev/router/desk.ts';
import { PackageManager } from '../../dev/router/package-manager.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { tailscaleBinaries } from '../../dev/setup/go.ts';
import type { Status } from '../../dev/tailnet/cli.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import type { TakeOverPhase, TakeOverState } from '../../src/shared/take-over-state.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { onEachRelease } from '../support/router.ts';

const service = '/etc/init.d/tailscale-ram';
const ours = '/tmp/tailscale-ram/bin/tailscaled';
const version = testVersions.latest;
const { tailscale } = await tailscaleBinaries(version);

await onEachRelease('taking over', (scenario, bench) => {
  let self: Status['Self'];

  /** The other daemon gets into the tailnet, as a new node. */
  const login = async (): Promise<void> => {
    const { desk, router } = bench;
    await router.until('the other one answers', 30, () => daemonStatus(router));
    const flags = [`--login-server=${desk.headscale.url}`, `--auth-key=${desk.authKey}`];
    await succeed([tailscale, `--socket=${daemonSocket(router)}`, 'up', ...flags, '--accept-dns=false']);
    self = (await untilMember()).Self;
  };

  /** One tailscaled runs, of this file, as the same node, which a peer reaches. */
  const assertRuns = async (program: string): Promise<void> => {
    const { desk, router } = bench;
    const { Self } = await untilMember();
    assert.is(Self.PublicKey, self.PublicKey);
    assert.is(await programs(router), program);
    const [address = ''] = Self.TailscaleIPs ?? [];
    await desk.peer.cli.pingUntilDirect(address);
  };

  const untilMember = async (): Promise<Status> =>
    (await bench.router.until('it is in the tailnet', 40, async () => {
      const now = await daemonStatus(bench.router);
      return now.BackendState === 'Running' && now;
    })) as Status;

  const stop = async (script: string): Promise<void> => {
    await bench.router.succeed([script, 'stop']);
    // What a script has started that did not become it stays.
    await bench.router.exec('killall tailscaled');
    await bench.router.until('none runs', 10, '! pidof tailscaled');
  };

  const takeOver = async (seconds = 180): Promise<void> => {
    const { code, stderr } = await bench.router.exec([service, 'take_over'], {
      env: { TSR_TAKE_OVER_S: `${seconds}` }
    });
    assert.is(code, 0, stderr);
  };

  /** The router is cut off as soon as the other one is being switched off. */
  const takeOverInVain = async (seconds?: number): Promise<void> => {
    const { desk, router } = bench;
    await takeOver(seconds);
    await untilTakeOver(router, 'switching');
    await desk.surroundings.wan.disconnect();
    await untilTakeOver(router, 'trying');
  };

  const assertReturned = async (code: string): Promise<void> => {
    const { router } = bench;
    assert.is((await untilTakeOver(router, 'returned')).error?.code, code);
    assert.match(await router.logread(), /the other Tailscale gets its place back/);
    assert.is((await untilPhase(router, 'blocked')).error?.code, 'other-tailscaled');
    assert.is((await router.exec('ls -d /etc/tailscale-ram/taking-over')).code === 0, false);
  };

  scenario('one that a script runs from RAM', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await router.until('the WAN is up', 30, 'ifstatus wan | jsonfilter -e "@.up" | grep -q true');
    await router.write('usr/bin/tailscaled', ramProgram, 0o755);
    await router.write('etc/init.d/tailscale', ramScript, 0o755);
    await router.succeed('/etc/init.d/tailscale enable; /etc/init.d/tailscale start');
    await login();
    await desk.install(router);
    assert.is((await untilPhase(router, 'blocked')).error?.code, 'other-tailscaled');
    const nodes = (await desk.headscale.listNodes()).length;

    await takeOver();
    await untilTakeOver(router, 'taken');
    await assertRuns(ours);
    assert.is((await desk.headscale.listNodes()).length, nodes);
    // Nothing of the other one is lost.
    await router.succeed(
      'test -x /etc/init.d/tailscale -a -x /tmp/tailscaled -a -s /etc/config/tailscaled.state'
    );
  });

  scenario('it has given way for good', async () => {
    const { router } = bench;
    await router.reboot();
    await assertRuns(ours);
    assert.is((await bootstrapState(router))?.error, null);
  });

  scenario('a power cut before it is decided leads back', async () => {
    const { desk, router } = bench;
    await stop(service);
    await router.succeed('mv /etc/tailscale-ram/taken-over/rc.d/* /etc/rc.d/');
    await router.succeed(['/etc/init.d/tailscale', 'start']);
    await router.succeed([service, 'start']);
    const links = await router.succeed('ls -l /etc/rc.d/*tailscale');
    await assertRuns('/tmp/tailscaled');

    await takeOverInVain();
    await router.powerCut();
    await desk.surroundings.wan.connect();
    await router.powerOn();
    await assertReturned('interrupted');
    await assertRuns('/tmp/tailscaled');
    assert.is(await router.succeed('ls -l /etc/rc.d/*tailscale'), links);
  });

  scenario(
    'with too little memory for ours it is refused, and nothing happens to the other one',
    async () => {
      const { router } = bench;
      const pid = await daemonPids(router);
      const links = await router.succeed('ls -l /etc/rc.d/*tailscale');
      const reserve = async (megabytes: string): Promise<void> => {
        await router.uci('set', `tailscale-ram.main.reserve_mb=${megabytes}`);
        await router.uci('commit', 'tailscale-ram');
      };
      await reserve('99999');
      await takeOver();
      const { error } = await untilTakeOver(router, 'refused');
      assert.equal(error, { code: 'fetch-failed', detail: 'tailscaled could not be fetched: memory-low' });
      await reserve('auto');
      assert.is(await daemonPids(router), pid);
      assert.is(await router.succeed('ls -l /etc/rc.d/*tailscale'), links);
      assert.is((await untilPhase(router, 'blocked')).error?.code, 'other-tailscaled');
    }
  );

  scenario('a package that is removed before it is decided gives the other one its place back', async () => {
    const { desk, router } = bench;
    const links = await router.succeed('ls -l /etc/rc.d/*tailscale');
    await takeOverInVain();
    const { code, stdout, stderr } = await (await PackageManager.of(router)).remove('luci-app-tailscale-ram');
    assert.is(code, 0, stdout + stderr);
    assert.is(await router.succeed('ls -l /etc/rc.d/*tailscale'), links);
    assert.is((await router.exec('ls /usr/libexec/tailscale-ram; pidof bootstrap')).stdout, '');
    await desk.surroundings.wan.connect();
    await assertRuns('/tmp/tailscaled');
    await desk.install(router);
    await untilPhase(router, 'blocked');
  });

  scenario('one that cron starts gets its place back where ours is not in the tailnet in time', async () => {
    const { desk, router } = bench;
    await stop('/etc/init.d/tailscale');
    await router.succeed('rm /etc/init.d/tailscale /etc/rc.d/*tailscale');
    await router.write('etc/crontabs/root', crontab, 0o600);
    await router.write('etc/rc.local', rcLocal);
    const before = await router.succeed('ls -l /etc/crontabs/root /etc/rc.local');
    const start = 'start-stop-daemon -S -b -x /tmp/tailscaled -- --state=tailscale/tailscaled.state';
    await router.succeed(`mkdir -p /opt/tailscale; cd /opt; ${start}`);
    await login();
    await untilPhase(router, 'blocked');

    await takeOverInVain(5);
    assert.is(
      await router.read('etc/crontabs/root'),
      crontab.replace('*/5', '#switched off by tailscale-ram: */5')
    );
    await assertReturned('not-running');
    await desk.surroundings.wan.connect();
    await assertRuns('/tmp/tailscaled');
    assert.is(await router.read('etc/crontabs/root'), crontab);
    assert.is(await router.read('etc/rc.local'), rcLocal);
    assert.is(undate(await router.succeed('ls -l /etc/crontabs/root /etc/rc.local')), undate(before));
  });

  scenario('the same, with success', async () => {
    const { router } = bench;
    await router.write('opt/tailscale/certs/router.key', 'secret\n', 0o600);
    await router.write('opt/tailscale/ssh/ssh_host_ed25519_key', 'secret, too\n', 0o600);
    await takeOver();
    await untilTakeOver(router, 'taken');
    await assertRuns(ours);
    for (const file of ['certs/router.key', 'ssh/ssh_host_ed25519_key'])
      await router.succeed(`cmp /opt/tailscale/${file} /tmp/run/tailscale-ram/daemon/${file}`);
    await router.succeed('sh /etc/rc.local');
    assert.is(await programs(router), ours);
  });

  scenario('what is left of a package', async () => {
    const { router } = bench;
    await stop(service);
    await router.succeed('rm -f /etc/crontabs/root /etc/rc.local');
    await router.succeed('mv /tmp/tailscaled /tmp/tailscaled.real; ln -s /tmp/tailscaled.real /usr/sbin/');
    await router.succeed(['rm', '/etc/tailscale/tailscaled.state']);
    await router.write('etc/init.d/tailscale', packageScript, 0o755);
    await router.succeed('/etc/init.d/tailscale enable; /etc/init.d/tailscale start');
    await login();
    await router.succeed([service, 'start']);
    await untilPhase(router, 'blocked');
    await takeOver();
    await untilTakeOver(router, 'taken');
    await assertRuns(ours);
  });

  scenario('where there is nothing to take over, nothing happens', async () => {
    const { router } = bench;
    const pid = await daemonPids(router);
    await takeOver();
    assert.is((await untilTakeOver(router, 'refused')).error?.code, 'nothing-found');
    assert.is(await daemonPids(router), pid);
  });
});

/** The files of all daemons that run. */
async function programs(router: OpenWrt): Promise<string> {
  const all = 'for pid in $(pidof tailscaled tailscaled.real); do readlink /proc/$pid/exe; done';
  return (await router.succeed(`${all} | grep -v busybox`)).trim();
}

async function untilTakeOver(router: OpenWrt, phase: TakeOverPhase, seconds = 40): Promise<TakeOverState> {
  let state: TakeOverState | undefined;
  try {
    await waitFor(`taking over is ${phase}`, seconds, async () => {
      const text = await router.read('tmp/run/tailscale-ram/take-over.json');
      state = text === undefined ? undefined : (JSON.parse(text) as TakeOverState);
      return state?.phase === phase;
    });
  } catch (error) {
    throw new Error(`${String(error)}: ${JSON.stringify(state)}`, { cause: error });
  }
  assert.ok(state);
  return state;
}

function undate(listing: string): string {
  return listing.replace(/ \w{3} +\d+ [\d:]+ /g, ' ');
}

/** As adyanth/openwrt-tailscale-enabler has them. */
const ramScript = `#!/bin/sh /etc/rc.common
USE_PROCD=1
START=99
STOP=1
start_service() {
	procd_open_instance
	procd_set_param command /usr/bin/tailscaled --port 41641
	procd_append_param command --state /etc/config/tailscaled.state --statedir /etc/tailscale/
	procd_set_param respawn
	procd_set_param stdout 1
	procd_set_param stderr 1
	procd_close_instance
}
stop_service() {
	/usr/bin/tailscaled --cleanup
}
`;
const archive = `tailscale_${version}_amd64`;
const ramProgram = `#!/bin/sh
[ -x /tmp/tailscaled ] || {
	wget -O- https://pkgs.tailscale.com/stable/${archive}.tgz | tar x -zf - -C /tmp ${archive}/tailscaled
	mv /tmp/${archive}/tailscaled /tmp/tailscaled
}
/tmp/tailscaled "$@"
`;

const packageScript = `#!/bin/sh /etc/rc.common
USE_PROCD=1
START=80
start_service() {
	procd_open_instance
	procd_set_param command /usr/sbin/tailscaled.real --port 41641 --state /etc/tailscale/tailscaled.state
	procd_set_param respawn
	procd_close_instance
}
`;

const crontab = `# tailscaled is started here
17 4 * * * true
*/5 * * * * pidof tailscaled || /tmp/tailscaled --state=/opt/tailscale/tailscaled.state &
`;
const rcLocal = `if true; then
	/tmp/tailscaled --state=/opt/tailscale/tailscaled.state &
fi
exit 0
`;
