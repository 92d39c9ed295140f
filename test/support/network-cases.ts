import { readdir, readFile } from 'node:fs/promises';
import type { Section, Situation } from '../../src/shared/network-plan.ts';

/** A situation of `fixtures/network`. */
export interface NetworkCase {
  name: string;
  about: string;
  /** By what differs from the plain one's. */
  situation: Partial<Situation>;
}

const folder = new URL('../fixtures/network/', import.meta.url);

/** Its golden file: the plan that it has to lead to, by what differs from the plain one's. */
export function goldenFile(name: string): URL {
  return new URL(`${name}.txt`, folder);
}

export async function readNetworkCases(): Promise<{ cases: NetworkCase[]; plain: Situation }> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const cases = await Promise.all(names.sort().map(readCase));
  const plain = cases.find(({ name }) => name === 'plain')?.situation as Situation;
  for (const { situation } of cases) situation.policy = { ...plain.policy, ...situation.policy };
  return { cases, plain };
}

async function readCase(file: string): Promise<NetworkCase> {
  const text = await readFile(new URL(file, folder), 'utf8');
  return { name: file.replace('.json', ''), ...(JSON.parse(text) as Omit<NetworkCase, 'name'>) };
}

/** As `uci export` shows it. */
export function exportSection({ type, name, options }: Partial<Section> & Pick<Section, 'options'>): string {
  const lines = Object.entries(options).flatMap(([option, value]) =>
    Array.isArray(value)
      ? value.map((each) => `\tlist ${option} '${each}'\n`)
      : [`\toption ${option} '${value}'\n`]
  );
  return `config ${type}${name === undefined ? '' : ` '${name}'`}\n${lines.join('')}`;
}
