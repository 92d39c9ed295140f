import type { OpenWrt } from '../../dev/router/router.ts';
import { sleep } from '../../dev/tailnet/wait.ts';

/** What a router is like: everything that a package could leave behind, each as lines of text. */
export interface Snapshot {
  /** Path, mode, owner, and checksum or target of everything on flash. */
  files: string[];
  /** Names of what is in /tmp. */
  temporary: string[];
  uci: string[];
  firewall: string[];
  rules: string[];
  links: string[];
  processes: string[];
}

export async function takeSnapshot(router: OpenWrt): Promise<Snapshot> {
  const lines = async (script: string) =>
    (await router.succeed(script)).split('\n').filter((line) => line !== '' && !noise.test(line));
  return {
    files: (
      await lines(
        'find / -xdev -type f -exec sha256sum {} +; find / -xdev \\( -type l -o -type d \\) -exec ls -ld {} +'
      )
    )
      .map(withoutDates)
      .sort(),
    temporary: (await lines('find /tmp')).sort(),
    uci: await lines('uci export'),
    firewall: (await lines('nft list ruleset')).map((line) => line.replace(/packets \d+ bytes \d+/, '')),
    rules: await lines(
      'ip rule; ip -6 rule; ip route show table all | grep -v "^broadcast\\|^local\\|^anycast"'
    ),
    links: (await lines('ls /sys/class/net')).sort(),
    // A while after an interface has come up, dnsmasq starts anew.
    processes: (
      await lines(
        'while ! pidof dnsmasq >/dev/null; do sleep 1; done; for p in /proc/[0-9]*; do readlink $p/exe; done'
      )
    ).sort()
  };
}

/** Waits until nothing starts anew any more, as dnsmasq does a while after an interface has come up. */
export async function untilAtRest(router: OpenWrt): Promise<void> {
  const services = 'for p in /proc/[0-9]*; do echo $p $(readlink $p/exe); done | grep -v busybox';
  let now = '';
  await router.until('it is at rest', 30, async () => {
    const before = now;
    now = await router.succeed(services);
    if (now === before) return true;
    await sleep(3000);
    return false;
  });
}

/** What only one of two has, `-` the first and `+` the second, by part. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  return (Object.keys(before) as (keyof Snapshot)[]).flatMap((part) => {
    const missing = before[part].filter((line) => !after[part].includes(line));
    const added = after[part].filter((line) => !before[part].includes(line));
    return [...missing.map((line) => `${part} - ${line}`), ...added.map((line) => `${part} + ${line}`)];
  });
}

/** What others write: the package managers' books, logs and caches, dnsmasq's and odhcpd's files, locks, seeds. */
const noise = new RegExp(
  [
    ...['/lib/apk/db', '/tmp/cache', '/tmp/log/apk', '/usr/lib/opkg/(status|lists)', '/tmp/opkg'],
    ...['/tmp/etc/dnsmasq', '/tmp/hosts', '/tmp/run/dnsmasq', 'odhcpd', 'dhcp.leases', '/tmp/resolv'],
    ...['/etc/urandom.seed', '/tmp/.uci', '/tmp/lock/procd_', '/tmp/state/dnsmasqsec', '/tmp/usr']
  ].join('|')
);

/** A directory's size and links change with what is in it. */
function withoutDates(line: string): string {
  return line.replace(/^(\S{10}) +\d+ (\S+ +\S+) +\d+ +\w+ +\d+ +[\d:]+ /, '$1 $2 ');
}
