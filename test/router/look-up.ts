import type { OpenWrt } from '../../dev/router/router.ts';
import type { Host } from '../../dev/tailnet/namespaces.ts';

/**
 * What a DNS server answers somebody: addresses or a name, else why there is none, `nothing` where it is silent.
 * `server`: its address, with `:PORT` if it is not 53.
 */
export async function lookUp(at: Host | OpenWrt, name: string, server: string): Promise<string> {
  const words = ['nslookup', name, server];
  const options = { timeout: 8 };
  const { stdout, stderr } =
    'run' in at ? await at.run(['busybox', ...words], options) : await at.exec(words, options);
  const [, code] = /: (NXDOMAIN|REFUSED|SERVFAIL)/.exec(stdout + stderr) ?? [];
  const found = [...stdout.matchAll(/(?:Address:\s+|name = )(\S+)/g)].map(([, found = '']) => found);
  return found.filter((one) => one !== server && one !== `${server}:53`).join() || (code ?? 'nothing');
}
