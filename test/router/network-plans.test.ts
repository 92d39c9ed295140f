import { readFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { repository } from '../../build/package.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import type { Names, Plan, Section, Situation, Zone } from '../../src/shared/network-plan.ts';
import { exportSection, readNetworkCases } from '../support/network-cases.ts';
import { readNamesCases } from '../support/names-cases.ts';
import { onEachRelease } from '../support/router.ts';
import { runtimesOf } from '../support/vectors.ts';

/** The plans of `fixtures/network` and `fixtures/names`, loaded by a router's own fw4, nft, netifd and dnsmasq. */

const { cases, plain } = await readNetworkCases();
const [onNode] = await runtimesOf('src/agent/network/plan.ts');
const situationOf = (situation: Partial<Situation>): Situation => ({ ...plain, ...situation });
const makePlan = (situation: Partial<Situation>): Plan =>
  onNode?.call('makePlan', situationOf(situation)) as Plan;
const planOf = (situation: Partial<Situation>): Section[] => makePlan(situation).sections;
const namesCases = await readNamesCases();
const [namesOnNode] = await runtimesOf('src/agent/network/names.ts');

const folder = 'usr/libexec/tailscale-ram';
const scripts = ['firewall', 'firewall-nat'];

/** What would be seen: sections with an option that fw4 does not take, or that leads to nothing. */
const mistakes: [string, Record<string, string>][] = [
  ['tailscale_ram_zone', { input: 'MAYBE' }],
  ['tailscale_ram_zone', { mtufix: '1' }],
  ['tailscale_ram_from_lan', { dest: 'nowhere' }],
  ['tailscale_ram_include', { path: '/nowhere' }],
  ['tailscale_ram_nat', { fw4_compatible: '0' }],
  ['tailscale_ram_port_wan', { dest_port: 'any' }],
  ['tailscale_ram_port_wan', { src: 'nowhere' }]
];

await onEachRelease('plans of a tailnet’s network', (scenario, bench) => {
  scenario('nft loads the scripts', async () => {
    const { router } = bench;
    await router.powerOn();
    for (const name of scripts) {
      await router.write(`${folder}/${name}`, await readFile(new URL(`files/${folder}/${name}`, repository)));
      const { code, stdout, stderr } = await router.exec(['sh', `/${folder}/${name}`]);
      assert.equal({ code, said: stdout + stderr }, { code: 0, said: '' });
    }
    assert.equal(await ownChains(router), ['spoofed', 'names', 'from_tailnet']);
  });

  scenario('nft loads what keeps zones off the Internet', async () => {
    const { router } = bench;
    const barriers = cases.flatMap(({ situation }) => makePlan(situation).barrier || []);
    assert.ok(distinct(barriers).length >= 4);
    for (const barrier of distinct(barriers)) {
      await router.write('etc/tailscale-ram/barrier', barrier);
      const { code, stdout, stderr } = await router.exec(['sh', `/${folder}/firewall`]);
      assert.equal({ code, said: stdout + stderr }, { code: 0, said: '' }, barrier);
      assert.ok((await ownChains(router)).includes('barrier'), barrier);
    }
    await router.succeed('rm -r /etc/tailscale-ram');
  });

  scenario('dnsmasq takes what it is told of names', async () => {
    for (const { name, arguments: given } of namesCases) {
      const { conf, servers } = namesOnNode?.call('planNames', ...given) as Names;
      await bench.router.write('tmp/names.conf', conf + servers);
      const { code, stderr } = await bench.router.exec(['dnsmasq', '--test', '-C', '/tmp/names.conf']);
      assert.is(code, 0, `${name}: ${stderr}`);
    }
  });

  for (const { name, situation } of cases)
    scenario(`fw4 loads what is planned for ${name}`, async () => {
      const { zones } = situationOf(situation);
      assert.equal(await load(bench.router, zones, planOf(situation)), []);
    });

  for (const [name, options] of mistakes)
    scenario(`a mistake in ${name} would be seen: ${JSON.stringify(options)}`, async () => {
      const sections = planOf({}).map((one) =>
        one.name === name ? { ...one, options: { ...one.options, ...options } } : one
      );
      assert.is.not((await load(bench.router, plain.zones, sections)).length, 0);
    });

  scenario('netifd makes the rules of each', async () => {
    const { router } = bench;
    const before = (await router.read('etc/config/network')) ?? '';
    const texts = cases.map(({ situation }) => planOf(situation).filter(isOf('network')));
    for (const rules of distinct(texts)) {
      await router.write('etc/config/network', before + rules.map(exportSection).join(''));
      await router.succeed(['/etc/init.d/network', 'reload']);
      // One of a network that this router has not got waits for it.
      const possible = rules.filter(
        ({ options: { in: from } }) => !from || from === 'lan' || from === 'loopback'
      );
      const wanted = possible.map(({ type, options }) => `${type} ${String(options['priority'])}`).sort();
      await router.until(`the rules are ${wanted.join()}`, 10, async () => {
        return (await ownRules(router)).sort().join() === wanted.join();
      });
    }
    await router.write('etc/config/network', before);
  });
});

/** Puts zones and sections into a router's firewall, for a moment. Returns what is wrong with them. */
async function load(
  router: OpenWrt,
  zones: readonly Zone[],
  sections: readonly Section[]
): Promise<string[]> {
  const before = (await router.read('etc/config/firewall')) ?? '';
  const own = sections.filter(isOf('firewall'));
  await router.write('etc/config/firewall', [...zones.map(exportZone), ...own.map(exportSection)].join('\n'));
  try {
    const { code, stderr } = await router.exec(
      'nft delete table inet tailscale-ram 2>/dev/null; fw4 -q check || exit; fw4 print >/dev/null; fw4 -q reload'
    );
    const said = stderr.split('\n').filter((line) => line !== '' && !isSwitchedOff(line, own));
    const ruleset = await router.succeed(['nft', 'list', 'table', 'inet', 'fw4']);
    const chains = await ownChains(router);
    const lost = own.filter((section) => isEnabled(section) !== isIn(section, ruleset, chains));
    return [
      ...(code === 0 ? [] : [`fw4: ${code}`]),
      ...said,
      ...lost.map(({ name }) => `not as planned: ${name}`)
    ];
  } finally {
    await router.write('etc/config/firewall', before);
  }
}

function exportZone({ name, networks, devices, masq }: Zone): string {
  const input = masq ? 'REJECT' : 'ACCEPT';
  const options = {
    name,
    network: networks,
    device: devices,
    input,
    output: 'ACCEPT',
    masq: masq ? '1' : '0'
  };
  return exportSection({ type: 'zone', options });
}

function isOf(config: Section['config']): (section: Section) => boolean {
  return (section) => section.config === config;
}

function isEnabled({ options }: Section): boolean {
  return options['enabled'] !== '0';
}

/** What fw4 says of a section that it is to leave out. */
function isSwitchedOff(line: string, sections: readonly Section[]): boolean {
  return sections.some(
    (section) =>
      !isEnabled(section) && line.includes(section.name) && line.endsWith('is disabled, ignoring section')
  );
}

/** Whether a section has become what it means. */
function isIn({ type, name, options }: Section, ruleset: string, chains: readonly string[]): boolean {
  const text = (option: string) => String(options[option]);
  switch (type) {
    case 'zone':
      return ruleset.includes(`iifname "${text('device')}" jump input_${text('name')}`);
    case 'forwarding':
      return ruleset.includes(`Accept ${text('src')} to ${text('dest')} forwarding"`);
    case 'nat':
    case 'rule':
      return ruleset.includes(`comment "!fw4: ${text('name')}"`);
    case 'include':
      return chains.includes(name === 'tailscale_ram_nat' ? 'from_tailnet' : 'spoofed');
    default:
      return false;
  }
}

/** In the table of the scripts. */
async function ownChains(router: OpenWrt): Promise<string[]> {
  const { stdout } = await router.exec(['nft', 'list', 'table', 'inet', 'tailscale-ram']);
  return [...stdout.matchAll(/chain (\w+)/g)].map(([, name = '']) => name);
}

/** Such as `rule 5260`. */
async function ownRules(router: OpenWrt): Promise<string[]> {
  const listed = [await router.succeed(['ip', 'rule']), await router.succeed(['ip', '-6', 'rule'])];
  return listed.flatMap((text, index) =>
    [...text.matchAll(/^(52[68]\d|13[68]\d):/gm)].map(
      ([, priority = '']) => `${index === 0 ? 'rule' : 'rule6'} ${priority}`
    )
  );
}

function distinct<T>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
