import { readdir, readFile, writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Plan, Section, Situation } from '../../src/shared/network-plan.ts';
import { agentModules } from '../support/agent-modules.ts';

/**
 * Each file in `fixtures/network` is a situation, by what differs from plain.json; beside it is the plan that it has to
 * lead to, by what differs from plain.txt. `GOLDEN=new npm test -- unit/network-plan` writes the plans anew, for a
 * reviewer to read.
 */
const folder = new URL('../fixtures/network/', import.meta.url);

interface Case {
  about: string;
  situation: Partial<Situation>;
}

const readCase = async (name: string): Promise<Case> =>
  JSON.parse(await readFile(new URL(`${name}.json`, folder), 'utf8')) as Case;

const files = await readdir(folder);
const names = files.filter((name) => name.endsWith('.json')).map((name) => name.replace('.json', ''));
const plain = (await readCase('plain')).situation as Situation;

for (const module of await agentModules('network/plan')) {
  const test = suite(`network plan on ucode ${module.release}`);

  for (const name of names)
    test(name, async () => {
      const { about, situation } = await readCase(name);
      const plan = module.call('makePlan', { ...plain, ...situation }) as Plan;
      const golden = new URL(`${name}.txt`, folder);
      const usual = name === 'plain' ? [] : (module.call('makePlan', plain) as Plan).sections;
      const text = `# ${about}\n${render(plan, usual)}`;
      if (process.env['GOLDEN'] === 'new') await writeFile(golden, text);
      assert.fixture(text, await readFile(golden, 'utf8'));
    });

  test.run();
}

/**
 * As `uci export` shows sections, each with its reason, but for the usual ones; then who reaches whom, and what somebody
 * should know.
 */
function render({ sections, arrows, findings }: Plan, usual: readonly Section[]): string {
  const texts = usual.map(renderSection);
  const own = sections.map(renderSection).filter((text) => !texts.includes(text));
  const names = sections.map(({ config, name }) => `${config}.${name}`);
  const gone = usual.filter(({ config, name }) => !names.includes(`${config}.${name}`));
  const without = gone.map(({ config, name }) => `\n# without ${config}.${name}`).join('');
  const ways = arrows.map(({ from, to, allowed }) => `${allowed ? '✓' : '✗'} ${from} → ${to}\n`);
  const said = findings.map((finding) => `! ${finding.code} ${JSON.stringify(finding.arguments)}\n`);
  return `${own.join('')}${without}${without && '\n'}\n${ways.join('')}${said.join('')}`;
}

function renderSection({ config, name, type, options, reason }: Section): string {
  const lines = Object.entries(options).flatMap(([option, value]) =>
    Array.isArray(value)
      ? value.map((each) => `\tlist ${option} '${each}'\n`)
      : [`\toption ${option} '${value}'\n`]
  );
  return `\n# /etc/config/${config}, for: ${reason}\nconfig ${type} '${name}'\n${lines.join('')}`;
}
