import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agentModules } from '../support/agent-modules.ts';
import { bytes, megabyte, raw, reviving, show, type Checked } from '../support/revived.ts';

const test = suite('agent: checks');

/** No check of a text takes any of these, unless they are among what it says is good. */
const hostile = [
  null,
  true,
  7,
  1.5,
  raw('9223372036854775807'),
  [],
  {},
  [['router']],
  raw('{"__proto__":{"router":1}}'),
  '',
  ' ',
  megabyte,
  bytes('6100'),
  bytes('00'),
  bytes('61ff'),
  bytes('c3'),
  'a\nb',
  'a\n',
  '\na',
  '"',
  "'",
  '$(touch /tmp/x)',
  '`id`',
  ';id',
  '../a',
  'a b',
  '<img src=x>',
  'ä'
];

/** A result is the value, or the code of the error with what it corrects. */
const checks: Record<
  string,
  { good: [given: unknown, value: string][]; bad: [given: unknown, code: string][] }
> = {
  checkHostName: {
    good: [
      ['router', 'router'],
      ['My-Router-2', 'My-Router-2'],
      ['a.b-c.d', 'a.b-c.d'],
      ['1', '1'],
      ['a'.repeat(63), 'a'.repeat(63)]
    ],
    bad: [
      ['a'.repeat(64), 'too-long'],
      ['-a', 'not-a-host-name'],
      ['a-', 'not-a-host-name'],
      ['a..b', 'not-a-host-name'],
      ['a.', 'not-a-host-name'],
      ['a_b', 'not-a-host-name']
    ]
  },
  checkUserName: {
    good: [
      ['root', 'root'],
      ['_ntp-2', '_ntp-2']
    ],
    bad: [
      ['Root', 'not-a-user-name'],
      ['1st', 'not-a-user-name'],
      ['-a', 'not-a-user-name'],
      ['a:b', 'not-a-user-name'],
      ['a'.repeat(33), 'too-long']
    ]
  },
  checkTag: {
    good: [
      ['tag:a', 'tag:a'],
      ['tag:Office-2', 'tag:Office-2']
    ],
    bad: [
      ['office', 'not-a-tag'],
      ['tag:', 'not-a-tag'],
      ['tag:2', 'not-a-tag'],
      ['tag:a_b', 'not-a-tag'],
      ['tag:a,tag:b', 'not-a-tag'],
      [`tag:${'a'.repeat(125)}`, 'too-long']
    ]
  },
  checkId: {
    good: [
      ['nXyZ123CNTRL', 'nXyZ123CNTRL'],
      ['1', '1']
    ],
    bad: [
      ['a/b', 'not-an-id'],
      ['a-b', 'not-an-id']
    ]
  },
  checkVersion: {
    good: [['1.102.5', '1.102.5']],
    bad: [
      ['1.102', 'not-a-version'],
      ['1.102.5-t1', 'not-a-version'],
      ['1..5', 'not-a-version'],
      ['/../../1.2.3', 'not-a-version']
    ]
  },
  checkAuthKey: {
    good: [
      ['tskey-auth-kAbC-1?ephemeral=true', 'tskey-auth-kAbC-1?ephemeral=true'],
      ['k'.repeat(1024), 'k'.repeat(1024)],
      ...['"', "'", '`id`', ';id', '../a'].map((key): [string, string] => [key, key])
    ],
    bad: [
      ['k'.repeat(1025), 'too-long'],
      ['tskey auth', 'not-an-auth-key'],
      ['tskey-auth\n', 'not-an-auth-key'],
      ['', 'not-an-auth-key'],
      ['schlüssel', 'not-an-auth-key']
    ]
  },
  checkPrefix: {
    good: [
      ['192.168.1.0/24', '192.168.1.0/24'],
      ['10.1.2.3/32', '10.1.2.3/32'],
      ['0.0.0.0/0', '0.0.0.0/0'],
      ['172.16.0.0/12', '172.16.0.0/12'],
      ['2001:DB8:0::/48', '2001:db8::/48'],
      ['2001:db8::1/128', '2001:db8::1/128'],
      ['::/0', '::/0'],
      // 4via6: site 7, 10.1.1.0/24
      ['fd7a:115c:a1e0:b1a:0:7:a01:100/120', 'fd7a:115c:a1e0:b1a:0:7:a01:100/120']
    ],
    bad: [
      ['192.168.1.0', 'not-a-prefix'],
      ['192.168.1.0/', 'not-a-prefix'],
      ['192.168.1.0/33', 'not-a-prefix'],
      ['192.168.1.0/99999999999999999999999', 'not-a-prefix'],
      ['192.168.1.0/-1', 'not-a-prefix'],
      ['192.168.1.0/24/24', 'not-a-prefix'],
      ['192.168.1/24', 'not-a-prefix'],
      ['2001:db8::/129', 'not-a-prefix'],
      ['fe80::%br-lan/64', 'not-a-prefix'],
      ['::ffff:10.0.0.0/104', 'not-a-prefix'],
      ['fd7a:115c:a1e0:b1a::/64', 'not-a-prefix'],
      ['fd7a:115c:a1e0:b1a:1:7:a01:100/120', 'not-a-prefix'],
      ['192.168.1.1/24', 'host-bits 192.168.1.0/24'],
      ['10.1.2.3/0', 'host-bits 0.0.0.0/0'],
      ['172.31.255.255/12', 'host-bits 172.16.0.0/12'],
      ['2001:db8::1/33', 'host-bits 2001:db8::/33'],
      ['2001:db8:ffff::/33', 'host-bits 2001:db8:8000::/33']
    ]
  },
  checkEndpoint: {
    good: [
      ['192.0.2.1:40000', '192.0.2.1:40000'],
      ['[2001:DB8::1]:1', '[2001:db8::1]:1'],
      ['192.0.2.1:00053', '192.0.2.1:53']
    ],
    bad: [
      ['192.0.2.1', 'not-an-endpoint'],
      ['192.0.2.1:0', 'not-an-endpoint'],
      ['192.0.2.1:65536', 'not-an-endpoint'],
      ['2001:db8::1:40000', 'not-an-endpoint'],
      ['[192.0.2.1]:40000', 'not-an-endpoint'],
      ['[2001:db8::1:40000', 'not-an-endpoint'],
      ['host:40000', 'not-an-endpoint']
    ]
  },
  checkLabel: {
    good: [
      ['Büro "2" <$(id)>', 'Büro "2" <$(id)>'],
      ['日本 🌍', '日本 🌍'],
      ...['', ' ', 'ä', '"', "'", '$(touch /tmp/x)', '`id`', ';id', '../a', 'a b', '<img src=x>'].map(
        (name): [string, string] => [name, name]
      )
    ],
    bad: [
      ['ä'.repeat(33), 'too-long'],
      ['a\tb', 'invalid-text'],
      ['a\u007f', 'invalid-text'],
      ['a\u0085', 'invalid-text'],
      // Overlong, a surrogate, beyond Unicode, a piece alone, a piece missing.
      [bytes('c0af'), 'invalid-text'],
      [bytes('eda080'), 'invalid-text'],
      [bytes('f4908080'), 'invalid-text'],
      [bytes('61bf'), 'invalid-text'],
      [bytes('e282'), 'invalid-text'],
      [bytes('6100'), 'invalid-text'],
      [bytes('f88888'), 'invalid-text']
    ]
  },
  checkUrl: {
    good: [
      ['https://controlplane.tailscale.com', 'https://controlplane.tailscale.com'],
      ['HTTPS://Head.Example.org:8443/Base/x/', 'https://head.example.org:8443/Base/x'],
      ['https://192.0.2.1//', 'https://192.0.2.1'],
      ['https://[2001:DB8::1]:8080', 'https://[2001:db8::1]:8080'],
      ['http://192.168.1.2:8080/', 'http://192.168.1.2:8080'],
      ['http://10.0.0.1', 'http://10.0.0.1'],
      ['http://172.31.0.1', 'http://172.31.0.1'],
      ['http://127.0.0.1', 'http://127.0.0.1'],
      ['http://localhost:9911', 'http://localhost:9911'],
      ['http://[fd00::1]', 'http://[fd00::1]'],
      ['http://[::1]:80', 'http://[::1]:80']
    ],
    bad: [
      ['', 'not-a-url'],
      ['example.org', 'not-a-url'],
      ['ftp://example.org', 'not-a-url'],
      ['https://', 'not-a-url'],
      ['https:///x', 'not-a-url'],
      ['https://user:pw@example.org', 'not-a-url'],
      ['https://example.org?x', 'not-a-url'],
      ['https://example.org#x', 'not-a-url'],
      ['https://example.org:0', 'not-a-url'],
      ['https://example.org:65536', 'not-a-url'],
      ['https://example.org:', 'not-a-url'],
      ['https://a..b', 'not-a-url'],
      ['https://1.2.3', 'not-a-url'],
      ['https://1.2.3.256', 'not-a-url'],
      ['https://[1.2.3.4]', 'not-a-url'],
      ['https://[::1', 'not-a-url'],
      ['https://ex ample.org', 'not-a-url'],
      ['https://example.org\n', 'not-a-url'],
      ['https://$(id)', 'not-a-url'],
      ['https://münchen.de', 'not-a-url'],
      [bytes('68747470733a2f2f6100'), 'not-a-url'],
      [`https://${'a'.repeat(250)}.org`, 'too-long'],
      ['http://example.org', 'insecure-url'],
      ['http://headscale.lan', 'insecure-url'],
      ['http://172.32.0.1', 'insecure-url'],
      ['http://100.64.0.1', 'insecure-url'],
      ['http://[2001:db8::1]', 'insecure-url']
    ]
  }
};

/** How two versions compare. */
const versions: [a: string, b: string, sign: number][] = [
  ['1.102.5', '1.98.10', 1],
  ['1.98.9', '1.98.10', -1],
  ['1.102.5-t1234abc-g5678', '1.102.5', 0],
  ['1.103.0-dev20260101', '1.102.9', 1],
  ['1.102', '1.102.0', 0],
  ['2', '1.102.5', 1],
  ['', '1.54', -1],
  ['unknown', '0', 0],
  ['1.x.5', '1.0.4', 1]
];

const numbers: [given: unknown, returns: number | string][] = [
  [0, 0],
  [10, 10],
  [-1, 'out-of-range'],
  [11, 'out-of-range'],
  [raw('18446744073709551615'), 'out-of-range'],
  [1.5, 'wrong-type'],
  ['5', 'wrong-type'],
  [null, 'wrong-type']
];

for (const agent of await agentModules('checks', reviving([...Object.keys(checks), 'checkNumber']))) {
  for (const [name, { good, bad }] of Object.entries(checks)) {
    test(`${name} (${agent.release})`, () => {
      const rest = hostile.filter((given) => !good.some(([taken]) => taken === given));
      const vectors = [...good, ...bad, ...rest.map((given) => [given, 'refused'] as const)];
      const results = agent.each(
        `${name}Revived`,
        vectors.map(([given]) => [given])
      ) as Checked[];
      for (const [i, { value, error }] of results.entries()) {
        const [given, expected] = vectors[i] ?? [];
        const said = value ?? `${error?.code ?? ''} ${error?.corrected ?? ''}`.trim();
        if (expected === 'refused') assert.is(value, undefined, show(given));
        else assert.is(said, expected, show(given));
      }
    });
  }

  test(`a number has a range (${agent.release})`, () => {
    const calls = numbers.map(([given]) => [given, 0, 10]);
    for (const [i, result] of (agent.each('checkNumberRevived', calls) as Checked[]).entries())
      assert.is(result.value ?? result.error?.code, numbers[i]?.[1], show(calls[i]));
  });
}

for (const agent of await agentModules('compare-versions')) {
  test(`versions compare by their numbers (${agent.release})`, () => {
    const calls = versions.map(([a, b]) => [a, b]);
    for (const [i, result] of (agent.each('compareVersions', calls) as number[]).entries())
      assert.is(Math.sign(result), versions[i]?.[2], show(versions[i]));
  });
}

test.run();
