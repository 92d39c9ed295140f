import { readFile, writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Plan, Section } from '../../src/shared/network-plan.ts';
import { agentModules } from '../support/agent-modules.ts';
import { exportSection, goldenFile, readNetworkCases } from '../support/network-cases.ts';

/**
 * Each file in `fixtures/network` is a situation, by what differs from plain.json; beside it is the plan that it has to
 * lead to, by what differs from plain.txt. `GOLDEN=new npm test -- unit/network-plan` writes the plans anew, for a
 * reviewer to read.
 */
const { cases, plain } = await readNetworkCases();

for (const module of await agentModules('network/plan')) {
  const test = suite(`network plan on ucode ${module.release}`);

  for (const { name, about, situation } of cases)
    test(name, async () => {
      const plan = module.call('makePlan', { ...plain, ...situation }) as Plan;
      const golden = goldenFile(name);
      const usual = name === 'plain' ? [] : (module.call('makePlan', plain) as Plan).sections;
      const text = `# ${about}\n${render(plan, usual)}`;
      if (process.env['GOLDEN'] === 'new') await writeFile(golden, text);
      assert.fixture(text, await readFile(golden, 'utf8'));
    });

  test.run();
}

/**
 * As `uci export` shows sections, each with its reason, but for the usual ones; then who reaches whom, and what somebody
 * should know, and what keeps zones off the Internet.
 */
function render({ sections, arrows, findings, barrier }: Plan, usual: readonly Section[]): string {
  const texts = usual.map(renderSection);
  const own = sections.map(renderSection).filter((text) => !texts.includes(text));
  const names = sections.map(({ config, name }) => `${config}.${name}`);
  const gone = usual.filter(({ config, name }) => !names.includes(`${config}.${name}`));
  const without = gone.map(({ config, name }) => `\n# without ${config}.${name}`).join('');
  const ways = arrows.map(({ from, to, allowed }) => `${allowed ? '✓' : '✗'} ${from} → ${to}\n`);
  const said = findings.map((finding) => `! ${finding.code} ${JSON.stringify(finding.arguments)}\n`);
  const kept = barrier === null ? '| as before\n' : barrier && `| ${barrier}\n`;
  return `${own.join('')}${without}${without && '\n'}\n${ways.join('')}${said.join('')}${kept}`;
}

function renderSection(section: Section): string {
  const place = section.first ? ', before all others' : '';
  return `\n# /etc/config/${section.config}, for: ${section.reason}${place}\n${exportSection(section)}`;
}
