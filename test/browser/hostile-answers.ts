import type { Answers } from '../../dev/preview/canned.ts';
import { answersOf, bootstrap, findings, problem, status } from '../../dev/preview/sample.ts';
import { devices } from '../../dev/preview/sample-devices.ts';
import { errors } from '../../src/shared/errors.ts';
import { problems } from '../../src/shared/problems.ts';
import type { Status } from '../../src/shared/status.ts';

/**
 * What the agent answers where each text that comes from elsewhere is one of these: all of them as names, owners,
 * systems, health texts, errors, answers of DNS, and lines of the log.
 */
export function answersWith(texts: readonly string[]): Answers {
  let next = 0;
  const text = (): string => texts[next++ % texts.length] ?? '';
  const some = (count: number): string[] => Array.from({ length: count }, text);
  const host = (): string => `${text()}.tail1234.ts.net`;
  const usual = answersOf(status(), []);
  const peers = devices(texts.length).map((peer, i) => ({
    ...peer,
    name: `${texts[i] ?? ''}.tail1234.ts.net`,
    host_name: text(),
    addresses: some(2),
    os: text(),
    owner: text(),
    tags: some(2),
    via: peer.path === 'none' ? null : text(),
    routes: some(2),
    country: text(),
    city: text()
  }));
  const settings = usual['settings'] as { preferences: Record<string, { default: unknown; value: unknown }> };
  // Tailscale itself takes no spaces there.
  const word = (): string => text().replace(/[\s,]+/g, '');
  const preferences = Object.entries(settings.preferences).map(([name, state]) => {
    const { default: standard } = state;
    const list = Array.isArray(standard) ? [word(), word(), word()] : state.value;
    const value = typeof standard === 'string' ? word() : list;
    return [name, { ...state, value }] as const;
  });
  const results: Record<number, object> = {
    // Answers, the last of which came directly: none follows it.
    1: { replies: [{ milliseconds: 8.4, path: 'direct', via: text() }] },
    2: {
      source: 'tailscale',
      fetched: false,
      report: {
        UDP: true,
        GlobalV4: text(),
        GlobalV6: text(),
        PreferredDERP: 1,
        RegionLatency: { 1: 9e6, 2: 12e6 }
      }
    },
    3: { errors: texts, warnings: some(3), info: some(3) }
  };
  return {
    ...usual,
    status: status({
      bootstrap: bootstrap({ version: text(), arch: text() }),
      version: text(),
      newest: { version: text(), security: true },
      login_server: text(),
      self: {
        id: text(),
        name: host(),
        host_name: text(),
        addresses: some(2),
        owner: text(),
        tags: some(2),
        key_expiry: 1e10,
        online: true,
        relay: text()
      },
      tailnet: { name: text(), suffix: text(), magic_dns: true },
      exit_node: { id: text(), name: host(), online: true },
      routes: { offered: some(3), approved: some(1) },
      problems: problemsWith(texts, text)
    }),
    peers: ({ offset = 0, limit = 100 }: { offset?: number; limit?: number }) => ({
      total: peers.length,
      found: peers.length,
      offset,
      peers: peers.slice(offset, offset + limit)
    }),
    peer: ({ id }: { id?: string }) => peers.find((peer) => peer.id === id),
    exit_nodes: { used: null, auto: false, exit_nodes: peers },
    settings: { ...settings, preferences: Object.fromEntries(preferences) },
    set: {
      error: { code: 'host-bits', field: 'advertise_routes', detail: text(), position: 1, corrected: text() }
    },
    profiles: {
      current: 'a1',
      profiles: texts.map((name, i) => ({
        id: `a${i}`,
        name,
        login_server: text(),
        tailnet: text(),
        owner: text()
      }))
    },
    derp: {
      home: 'r1',
      regions: some(20).map((name, i) => ({ id: i + 1, code: i === 1 ? 'r1' : text(), name, nodes: 1 }))
    },
    derp_test: { job: 3 },
    metrics: {
      metrics: texts.map((name) => ({ name, labels: { [text()]: text() }, value: 7 })),
      rates: []
    },
    log: { lines: texts },
    dns_query: {
      code: 'NOERROR',
      answers: texts.map((data) => ({ name: text(), type: 'TXT', ttl: 600, data })),
      resolvers: some(3)
    },
    network: {
      arrows: texts.flatMap((zone) => [
        { from: zone, to: 'tailnet', allowed: true },
        { from: 'tailnet', to: zone, allowed: false },
        { from: zone, to: zone, allowed: false }
      ]),
      findings: findingsWith(text),
      names: texts.map((domain) => `server=/${domain}/${text()}\n`).join(''),
      sections: texts.map((name) => ({ config: 'firewall', name, reason: text() }))
    },
    route: { device: 'eth1', interface: text(), via: text() },
    report: { report: { log: texts } },
    job: ({ id = 0 }: { id?: number }) => ({
      job: id,
      method: '',
      state: 'done',
      progress: {},
      result: results[id],
      error: null
    })
  };
}

/** Each that there is, many times, with such words in its sentence; some of nobody's. */
function findingsWith(text: () => string): object[] {
  const words = ['address', 'by', 'domain', 'interface', 'name', 'network', 'route', 'zone'];
  const codes = [...findings.map(({ code }) => code as string), 'unheard-of', '__proto__'];
  return Array.from({ length: 5 }, () => codes)
    .flat()
    .map((code) => ({ code, arguments: Object.fromEntries(words.map((name) => [name, text()])) }));
}

/** Every problem that there is, with such words in its sentence, and a thousand more. */
function problemsWith(texts: readonly string[], text: () => string): Status['problems'] {
  const words = ['action', 'admin', 'detail', 'message', 'minimum', 'name', 'names', 'newest', 'reason'];
  const arguments_ = (): Record<string, string> =>
    Object.fromEntries(
      [...words, 'relay', 'routes', 'server', 'version', 'zone'].map((name) => [name, text()])
    );
  return [
    ...[...Object.keys(problems), ...Object.keys(errors)].map((code) =>
      problem(code, 'warning', arguments_())
    ),
    ...texts.map((message) => problem('health', 'warning', { message })),
    ...texts.map((detail) => problem('http-error', 'warning', { detail })),
    ...texts.map((reason) => problem('unheard-of', 'warning', { reason }))
  ];
}
