import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/**
 * What keeps people from using a page, as axe-core finds it, but for what LuCI's own forms do. One line each: the
 * rule, its help, where.
 */
export async function barriers(page: Page, selector: string): Promise<string[]> {
  source ??= await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  const options = { resultTypes: ['violations'] };
  const { violations } = await page.evaluate<Results>(
    `axe.run(${JSON.stringify({ include: [[selector]], exclude: [['[data-widget-id]']] })}, ${JSON.stringify(options)})`
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
}

let source: string | undefined;

interface Results {
  violations: { id: string; impact: string | null; help: string; nodes: { html: string }[] }[];
}
