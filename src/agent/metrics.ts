/** tailscaled's user metrics: counters and gauges in Prometheus' text format. */

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Bytes, or bytes a second, by the way that packets took. */
interface PathTraffic {
  received: number;
  sent: number;
}

type TrafficByPath = Record<'direct_ipv4' | 'direct_ipv6' | 'peer_relay' | 'relay', PathTraffic>;

const MOST_SAMPLES = 500;
const LONGEST_LINE = 512;

/** The samples of a text. What is no sample, not finite, too long or beyond the first 500 is left out. */
function parseMetrics(text: string): Sample[] {
  let samples: Sample[] = [];
  map(split(substr(text, 0, 2 * MOST_SAMPLES * LONGEST_LINE), '\n'), (line) => {
    if (length(line) > LONGEST_LINE || length(samples) >= MOST_SAMPLES) return;
    let parts = match(line, /^([a-z_][a-z0-9_]*)([{](.*)[}])? ([+-]?[0-9]+([.][0-9]+)?(e[+-]?[0-9]+)?)\r?$/i);
    if (!parts) return;
    let labels: Record<string, string> = {};
    map(match<Match[]>(parts[3] ?? '', /([a-z0-9_]+)="(([^"\\]|\\.)*)"/gi) ?? [], (pair) => {
      labels[pair[1] as string] = replace(pair[2] as string, /\\(.)/g, '$1');
    });
    push(samples, { name: parts[1] as string, labels, value: +(parts[4] as string) });
  });
  return samples;
}

/**
 * What each counter (`…_total`) of `after` gained a second, as samples; those that began only now are left out. One
 * that fell began again from 0, as the daemon did. None unless `seconds` is positive.
 */
function rates(before: readonly Sample[], after: readonly Sample[], seconds: number): Sample[] {
  let key = (sample: Sample): string => `${sample.name} ${sprintf('%J', sample.labels)}`;
  let earlier: Record<string, number> = {};
  map(before, (sample) => {
    earlier[key(sample)] = sample.value;
  });
  let gained: Sample[] = [];
  map(seconds > 0 ? after : [], (sample) => {
    let start = earlier[key(sample)];
    if (start == null || substr(sample.name, -6) != '_total') return;
    let gain = sample.value < start ? sample.value : sample.value - start;
    push(gained, { ...sample, value: int((gain * 1000) / seconds) / 1000.0 });
  });
  return gained;
}

/** Sums up the tunnel's data by path, of `parseMetrics()` in bytes, of `rates()` in bytes a second. */
function trafficByPath(samples: readonly Sample[]): TrafficByPath {
  let none = (): PathTraffic => ({ received: 0, sent: 0 });
  let traffic = { direct_ipv4: none(), direct_ipv6: none(), peer_relay: none(), relay: none() };
  let paths: Record<string, PathTraffic> = {
    ...traffic,
    peer_relay_ipv4: traffic.peer_relay,
    peer_relay_ipv6: traffic.peer_relay,
    derp: traffic.relay
  };
  map(samples, (sample) => {
    let way = match(sample.name, /^tailscaled_(in|out)bound_bytes_total$/)?.[1];
    let one = paths[sample.labels['path'] ?? ''];
    if (way && one) one[way == 'in' ? 'received' : 'sent'] += sample.value;
  });
  return traffic;
}

export { parseMetrics, rates, trafficByPath };
export type { PathTraffic, Sample, TrafficByPath };
