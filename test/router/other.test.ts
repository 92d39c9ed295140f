import * as assert from 'uvu/assert';
import { bootstrapState, daemonPids, untilPhase, untilRunning } from '../../dev/router/desk.ts';
import { onEachRelease } from '../support/router.ts';

const service = '/etc/init.d/tailscale-ram';

await onEachRelease('another Tailscale', (scenario, bench) => {
  /** Ours stays off as long as the other one is there, asks no server, and says why; then it starts. */
  const staysOff = async (detail: RegExp, removal: string): Promise<void> => {
    const { desk, router } = bench;
    desk.mirror.requests.length = 0;
    await router.succeed([service, 'restart']);
    const { error } = await untilPhase(router, 'blocked');
    assert.is(error?.code, 'other-tailscaled');
    assert.match(error?.detail ?? '', detail);
    assert.is(desk.mirror.requests.length, 0);
    assert.not((await router.exec('ls /tmp/tailscale-ram/bin')).stdout.includes('tailscaled'));
    await router.succeed(removal);
    await router.succeed([service, 'retry']);
    await untilPhase(router, 'running');
    await router.succeed([service, 'stop']);
    await router.until('the daemon has ended', 10, '! pidof tailscaled');
    await router.succeed('rm -rf /tmp/tailscale-ram');
  };

  scenario('an init script that runs one from RAM', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await router.succeed([service, 'stop']);
    await router.succeed('rm -rf /tmp/tailscale-ram');
    await router.write('etc/init.d/tailscale', ramScript, 0o755);
    await router.succeed(['/etc/init.d/tailscale', 'enable']);
    await staysOff(/S90tailscale starts one/, '/etc/init.d/tailscale disable; rm /etc/init.d/tailscale');
  });

  scenario('what a package left that was removed by hand', async () => {
    const { router } = bench;
    await router.write('etc/init.d/tailscale', packageScript, 0o755);
    await router.succeed(['/etc/init.d/tailscale', 'enable']);
    await staysOff(/S80tailscale starts one/, 'rm /etc/rc.d/*80tailscale /etc/init.d/tailscale');
  });

  scenario('a binary that cron starts', async () => {
    const { router } = bench;
    await router.write('etc/crontabs/root', '*/5 * * * * pidof tailscaled || /usr/local/bin/tailscaled &\n');
    await staysOff(/crontabs\/root starts one/, 'rm /etc/crontabs/root');
  });

  scenario('one that runs, started by hand', async () => {
    const { router } = bench;
    await router.copy('/bin/sleep', '/tmp/tailscaled');
    await router.succeed('chmod +x /tmp/tailscaled; start-stop-daemon -S -b -x /tmp/tailscaled -- 1000');
    await staysOff(/runs \/tmp\/tailscaled/, 'kill $(pidof tailscaled)');
  });

  scenario('its identity is kept', async () => {
    const { desk, router } = bench;
    await router.succeed([service, 'start']);
    const { Self } = await desk.login(router);
    await router.succeed([service, 'stop']);
    await router.until('the daemon has ended', 10, async () => (await daemonPids(router)) === '');
    await router.succeed(
      'mv /etc/tailscale/tailscaled.state /etc/config/tailscaled.state; rm -rf /etc/tailscale'
    );
    await router.succeed([service, 'start']);
    assert.is((await untilRunning(router)).Self.PublicKey, Self.PublicKey);
    assert.match(
      await router.logread(),
      /copied this router's identity from .*\/etc\/config\/tailscaled.state/
    );
    assert.is((await bootstrapState(router))?.error, null);
  });
});

const ramScript = `#!/bin/sh /etc/rc.common
START=90
start() {
	wget -O /tmp/tailscaled https://example.org/tailscaled
	/tmp/tailscaled --state=/etc/config/tailscaled.state &
}
`;

const packageScript = `#!/bin/sh /etc/rc.common
USE_PROCD=1
START=80
start_service() {
	procd_open_instance
	procd_set_param command /usr/sbin/tailscaled --port 41641
	procd_close_instance
}
`;
