import type { OpenWrt } from '../../dev/router/router.ts';
import type { Host } from '../../dev/tailnet/namespaces.ts';

/**
 * Sends to the router's address on a device, from a host there that gives itself these addresses, IPv4 and IPv6.
 * Returns for each how many packets from it came in and were not dropped at once.
 */
export async function arriveFrom(
  host: Host,
  router: OpenWrt,
  device: string,
  sources: readonly string[]
): Promise<number[]> {
  const targets = await addressesOn(router, device);
  const rules = sources.map((source) => `${family(source)} saddr ${source} iifname "${device}" counter\n`);
  // Behind `raw`, and before connection tracking has anything to say.
  const chain = `chain in { type filter hook prerouting priority raw + 10;\n${rules.join('')}}`;
  await router.succeed(['nft', '-f', '-'], { input: `table inet arrived {\n${chain}\n}` });
  for (const source of sources) {
    const target = targets[family(source)];
    const own = family(source) === 'ip6' ? [`${source}/128`, 'nodad'] : [`${source}/32`];
    await host.succeed(['ip', 'addr', 'add', ...own, 'dev', 'eth0']);
    await host.run(['ping', '-c', '3', '-i', '0.2', '-W', '1', '-I', source, target]);
    await host.succeed(['ip', 'addr', 'del', ...own.slice(0, 1), 'dev', 'eth0']);
  }
  const listed = await router.succeed('nft list table inet arrived; nft delete table inet arrived');
  return [...listed.matchAll(/counter packets (\d+)/g)].map(([, count]) => Number(count));
}

function family(address: string): 'ip' | 'ip6' {
  return address.includes(':') ? 'ip6' : 'ip';
}

/** The link-local one of IPv6, as seen from the host's eth0. */
async function addressesOn(router: OpenWrt, device: string): Promise<Record<'ip' | 'ip6', string>> {
  const text = await router.succeed(['ip', 'addr', 'show', 'dev', device]);
  const [, ip = ''] = /inet ([\d.]+)\//.exec(text) ?? [];
  const [, local = ''] = /inet6 (fe80:\S+)\//.exec(text) ?? [];
  return { ip, ip6: `${local}%eth0` };
}
