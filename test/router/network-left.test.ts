import * as assert from 'uvu/assert';
import { untilRunning } from '../../dev/router/desk.ts';
import { onEachRelease } from '../support/router.ts';

/** What earlier Tailscales have left on a router, and what the tunnel itself brings along. */

/** As iptables-nft has it of a tailscaled that kept its own firewall and was killed, beside somebody's own rules. */
const leftRules = ['ip', 'ip6']
  .map(
    (family) => `table ${family} filter {
  chain INPUT {
    type filter hook input priority filter;
    counter jump ts-input
    tcp dport 4000 drop
  }
  chain FORWARD {
    type filter hook forward priority filter;
    counter jump ts-forward
  }
  chain ts-input { ${family} saddr ${family === 'ip' ? '100.64.0.0/10' : 'fd7a:115c:a1e0::/48'} counter drop; }
  chain ts-forward { oifname "tailscale0" counter accept; }
}
table ${family} nat {
  chain POSTROUTING {
    type nat hook postrouting priority srcnat;
    counter jump ts-postrouting
  }
  chain ts-postrouting { meta mark & 0xff0000 == 0x40000 counter masquerade; }
}
`
  )
  .join('');

/** As luci-app-tailscale has it. */
const leftSections = `
set firewall.tszone=zone
set firewall.tszone.name=tailscale
set firewall.tszone.input=ACCEPT
set firewall.tszone.output=ACCEPT
set firewall.tszone.forward=ACCEPT
set firewall.tszone.masq=1
set firewall.tszone.network=tailscale
set firewall.tsfwlan=forwarding
set firewall.tsfwlan.src=tailscale
set firewall.tsfwlan.dest=lan
set firewall.lanfwts=forwarding
set firewall.lanfwts.src=lan
set firewall.lanfwts.dest=tailscale
set network.tailscale=interface
set network.tailscale.proto=static
set network.tailscale.device=tailscale0
set network.tailscale.ipaddr=100.99.1.1
set network.tailscale.netmask=255.0.0.0
commit firewall
commit network
`;

await onEachRelease('what was left of other Tailscales', (scenario, bench) => {
  const linkLocals = async (device: string): Promise<string> =>
    bench.router.succeed(['ip', '-6', 'addr', 'show', 'dev', device, 'scope', 'link']);
  const ruleset = (): Promise<string> => bench.router.succeed(['nft', 'list', 'ruleset']);
  const shown = async (name: string): Promise<string> =>
    (await bench.router.exec(['uci', '-q', 'show', name])).stdout;
  const network = async (): Promise<{ findings: unknown[] }> =>
    (await bench.router.ubus('tailscale-ram', 'network')) as { findings: unknown[] };

  scenario('their rules that drop a provider’s packets go; somebody’s own stay', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await desk.login(router);
    await router.succeed(['nft', '-f', '-'], { input: leftRules });
    await router.succeed('kill -9 $(pidof tailscaled)');
    await router.until('they are gone', 20, async () => !(await ruleset()).includes('ts-'));
    const [rules] = (await ruleset()).match(/table ip filter [^]*?\n}/) ?? [''];
    assert.match(rules, 'tcp dport 4000 drop');
    assert.match(rules, 'chain FORWARD');
    assert.match(await router.succeed(['nft', 'list', 'tables']), 'table inet fw4');
  });

  scenario(
    'the tunnel has no link-local address, also in the next daemon; the LAN keeps its own',
    async () => {
      const { router } = bench;
      const isBare = async (): Promise<boolean> => !(await linkLocals('tailscale0')).includes('fe80');
      await router.until('it has none', 10, isBare);
      await router.succeed('kill -9 $(pidof tailscaled)');
      await router.until('the tunnel is gone', 10, '! ip link show tailscale0');
      await untilRunning(router);
      await router.until('the new one has none', 10, isBare);
      assert.match(await linkLocals('br-lan'), 'fe80');
      assert.not.match(
        await router.succeed(['ip', '-6', 'route', 'show', 'table', 'all']),
        /fe80.*tailscale0/
      );
    }
  );

  scenario(
    'a zone of another package is used as it is, told, and taken over when somebody asks',
    async () => {
      const { router } = bench;
      const mine = await shown('firewall.tailscale_ram_zone');
      assert.ok(mine);
      await router.succeed(['uci', '-q', 'batch'], { input: leftSections });
      await router.succeed(['reload_config']);
      await router.until('ours makes room', 10, async () => !(await shown('firewall.tailscale_ram_zone')));
      assert.equal((await network()).findings, [{ code: 'left-zone', arguments: { zone: 'tailscale' } }]);
      assert.match(await shown('firewall.tszone'), "forward='ACCEPT'");

      assert.equal(await router.ubus('tailscale-ram', 'take_zone'), {});
      await router.until(
        'ours is back',
        10,
        async () => (await shown('firewall.tailscale_ram_zone')) === mine
      );
      for (const name of ['firewall.tszone', 'firewall.tsfwlan', 'firewall.lanfwts', 'network.tailscale'])
        assert.is(await shown(name), '', name);
      assert.equal((await network()).findings, []);
      await router.until('fw4 has it', 10, 'nft list chain inet fw4 input_tailscale | grep -q accept');
    }
  );
});
