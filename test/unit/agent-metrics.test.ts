import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agentModules } from '../support/agent-modules.ts';

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const text = `# HELP tailscaled_inbound_bytes_total Counts the number of bytes received
# TYPE tailscaled_inbound_bytes_total counter
tailscaled_inbound_bytes_total{path="derp"} 100
tailscaled_inbound_bytes_total{path="direct_ipv4"} 2000
tailscaled_inbound_bytes_total{path="peer_relay_ipv4"} 3
tailscaled_inbound_bytes_total{path="peer_relay_ipv6"} 4
tailscaled_outbound_bytes_total{path="direct_ipv6"} 1.5e+06
tailscaled_health_messages{type="warning"} 2
tailscaled_home_derp_region_id 999
`;

for (const metrics of await agentModules('metrics')) {
  const test = suite(`metrics on ucode ${metrics.release}`);
  const parse = (from: string): Sample[] => metrics.call('parseMetrics', from) as Sample[];

  test('each sample with its labels', () => {
    const samples = parse(text);
    assert.is(samples.length, 7);
    assert.equal(samples[0], {
      name: 'tailscaled_inbound_bytes_total',
      labels: { path: 'derp' },
      value: 100
    });
    assert.is(samples[4]?.value, 1_500_000);
    assert.equal(samples[6], { name: 'tailscaled_home_derp_region_id', labels: {}, value: 999 });
  });

  test('labels with quotes, braces and commas', () => {
    assert.equal(parse('a{b="x\\"y\\\\z",c="} 1,d=\\"2"} 3')[0], {
      name: 'a',
      labels: { b: 'x"y\\z', c: '} 1,d="2' },
      value: 3
    });
  });

  test('what is no sample is left out', () => {
    assert.equal(parse(''), []);
    assert.equal(parse('a NaN\nb +Inf\nc\nd x\n{} 1\n# e 1\nf 1x\n\u0000g 1\nh 0x10'), []);
    assert.equal(
      parse('a 1\r\nb -2.5\nc 2 1700000000').map(({ value }) => value),
      [1, -2.5]
    );
  });

  test('a flood is cut off', () => {
    assert.is(parse('a 1\n'.repeat(100_000)).length, 500);
    assert.is(parse(`a{b="${'x'.repeat(1000)}"} 1\nc 1`).length, 1);
    assert.equal(parse(`a{${'b="'.repeat(150)}} 1`.repeat(1000)), []);
  });

  test('rates are of counters, per second, also after the daemon began again', () => {
    const before = parse('a_total{x="1"} 99\na_total{x="2"} 100\ngauge 1\nb_total 5');
    const after = parse('a_total{x="1"} 101\na_total{x="2"} 10\ngauge 9\nnew_total 7\nb_total 5');
    assert.equal(
      (metrics.call('rates', before, after, 2) as Sample[]).map(({ name, labels, value }) => [
        name,
        labels['x'],
        value
      ]),
      [
        ['a_total', '1', 1],
        ['a_total', '2', 5],
        ['b_total', undefined, 0]
      ]
    );
    assert.equal(metrics.call('rates', before, after, 0), []);
    assert.equal(metrics.call('rates', before, after, -1), []);
  });

  test('traffic by path', () => {
    assert.equal(
      metrics.call('trafficByPath', [...parse(text), ...parse('tailscaled_inbound_bytes_total 9')]),
      {
        direct_ipv4: { received: 2000, sent: 0 },
        direct_ipv6: { received: 0, sent: 1_500_000 },
        peer_relay: { received: 7, sent: 0 },
        relay: { received: 100, sent: 0 }
      }
    );
  });

  test.run();
}
