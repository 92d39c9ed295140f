/** What dnsmasq is told of the tailnet's names: decided here, given to it by the script `names`. */

import type { Names } from '../../shared/network-plan.ts';
import { checkDomain } from '../checks.ts';
import { cut } from '../text.ts';

/** Of tailscale's tailcfg.DNSConfig. What is not as it should be is left out. */
interface Dns {
  Resolvers?: { Addr?: unknown }[] | null;
  Routes?: Record<string, { Addr?: unknown }[] | null> | null;
  ExtraRecords?: { Name?: unknown }[] | null;
}

/** The section `policy`: the tailnet's domain by DHCP, and its resolvers for all other names. */
interface Wanted {
  [name: string]: unknown;
  search_domain?: unknown;
  tailnet_resolvers?: unknown;
}

const OWN = '100.100.100.100';
const MOST = 64;

/** Without the dot at its end; empty for what is none, or one of the router's own. */
function domainOf(text: unknown, own: readonly string[]): string {
  let name = lc(checkDomain(rtrim(cut(text, 254), '.')).value ?? '');
  return index(own, name) < 0 ? name : '';
}

/** As dnsmasq writes it; empty for what it cannot ask, such as DNS over HTTPS. */
function serverOf(resolver: { Addr?: unknown }): string {
  let address = cut(resolver.Addr, 64);
  if (iptoarr(address)) return address;
  let parts = match(address, /^\[?([0-9A-Fa-f.:]+)\]?:([0-9]{1,5})$/);
  return parts && iptoarr(parts[1] ?? '') ? `${parts[1]}#${parts[2]}` : '';
}

function serversOf(resolvers: { Addr?: unknown }[] | null | undefined): string[] {
  return filter(map(slice(resolvers ?? [], 0, 8), serverOf), (server) => server != '');
}

/** Pure. `told` is the tailnet's own domain; `own` are the domains of the router's own, which nobody else answers for. */
function planNames(told: unknown, dns: Dns, own: readonly string[], wanted: Wanted): Names {
  let suffix = domainOf(told, own);
  let asked: Record<string, string[]> = {};
  let ask = (text: unknown, servers: string[]): void => {
    let domain = domainOf(text, own);
    if (domain == '' || length(asked) >= MOST) return;
    // What is asked for a domain is asked for the names in it.
    for (let wider in servers[0] ? {} : asked)
      if (asked[wider]?.[0] == OWN && substr(domain, -length(wider) - 1) == `.${wider}`) return;
    asked[domain] ??= servers[0] ? servers : [OWN];
  };
  ask(suffix, []);
  for (let domain in dns.Routes ?? {}) {
    let route = dns.Routes?.[domain] ?? [];
    let servers = serversOf(route);
    // headscale names all reverse zones of the tailnet's range, which dnsmasq is told of in one line.
    if (servers[0] ?? (!route[0] && !match(domain, /[.]arpa[.]?$/))) ask(domain, servers);
  }
  map(dns.ExtraRecords ?? [], (record) => {
    ask(record.Name, []);
  });
  let domains = sort(keys(asked));
  let lines = map(domains, (domain) => `rebind-domain-ok=/${domain}/`);
  if (wanted.search_domain == '1' && suffix != '')
    push(lines, `dhcp-option=option:domain-search,${join(',', [...own, suffix])}`);
  let resolvers = filter(
    wanted.tailnet_resolvers == '1' ? serversOf(dns.Resolvers) : [],
    (server) => index(server, '#') < 0
  );
  if (resolvers[0]) push(lines, 'resolv-file=DIR/tailscale-ram/resolvers');
  let texts = (all: string[], make: (item: string) => string): string => join('', map(all, make));
  return {
    conf: texts(lines, (line) => `${line}\n`),
    servers: texts(domains, (domain) =>
      texts(asked[domain] as string[], (server) => `server=/${domain}/${server}\n`)
    ),
    resolvers: texts(resolvers, (server) => `nameserver ${server}\n`)
  };
}

export { planNames };
export type { Dns };
