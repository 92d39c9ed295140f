import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Names } from '../../src/shared/network-plan.ts';
import { agentModules } from '../support/agent-modules.ts';
import { namesGolden, readNamesCases } from '../support/names-cases.ts';

/**
 * Each file in `fixtures/names` is what a tailnet says of names; beside it is what dnsmasq has to be told then, which a
 * real one takes. `GOLDEN=new npm test -- unit/network-names` writes that anew, for a reviewer to read.
 */
const cases = await readNamesCases();
const work = mkdtempSync(join(tmpdir(), 'names-'));

for (const module of await agentModules('network/names')) {
  const test = suite(`names on ucode ${module.release}`);

  for (const { name, about, arguments: given } of cases)
    test(name, async () => {
      const { conf, servers, resolvers } = module.call('planNames', ...given) as Names;
      const text = `# ${about}\n\n${conf}\n# while the tailnet is up\n${servers}${resolvers && `\n${resolvers}`}`;
      const golden = namesGolden(name);
      if (process.env['GOLDEN'] === 'new') await writeFile(golden, text);
      assert.fixture(text, await readFile(golden, 'utf8'));
      await writeFile(join(work, 'servers'), servers);
      await writeFile(join(work, 'conf'), `${conf}servers-file=${join(work, 'servers')}\n`);
      execFileSync('dnsmasq', ['--test', '-C', join(work, 'conf')], { stdio: 'pipe' });
      await writeFile(join(work, 'conf'), servers);
      execFileSync('dnsmasq', ['--test', '-C', join(work, 'conf')], { stdio: 'pipe' });
    });

  test.run();
}

process.on('exit', () => {
  rmSync(work, { recursive: true, force: true });
});
