import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIpk } from '../build/ipk.ts';
import { readPackageInfo } from '../build/package.ts';
import { buildRoot } from '../build/root.ts';
import { launchChromium, whyNoBrowser } from '../dev/preview/chromium.ts';
import { openCannedSite } from './support/canned-site.ts';
import { judge, median, spread } from './support/figures.ts';
import { isolated } from './support/isolated.ts';
import { measurePages, pageLimits, pageTimes } from './support/page-times.ts';

/**
 * `npm run bench -- pages [RUNS]`: LuCI's pages: what they take on flash, and how long they take in a browser with a
 * thousand devices; the median of 9 runs unless told.
 */
export const run = isolated('pages', async ([runs = '9']) => {
  if (!/^[1-9]\d*$/.test(runs)) throw new Error(`'${runs}' is no number of runs`);
  await judgeSizes(await mkdtemp(join(tmpdir(), 'pages-')));
  const problem = whyNoBrowser();
  if (problem !== undefined) {
    console.log(`skipped: ${problem}`);
    return;
  }
  const times = await measurePages(await launchChromium(), await openCannedSite(), Number(runs));
  for (const name of pageTimes) {
    const [what, limit] = pageLimits[name];
    console.log(`     pages: ${what} ${spread(times[name])} ms`);
    judge(`pages: ${what}, median`, median(times[name]), limit, ' ms');
  }
});

async function judgeSizes(tree: string): Promise<void> {
  await buildRoot(tree);
  const folder = join(tree, 'www/luci-static/resources');
  let sum = 0;
  for (const name of (await readdir(folder, { recursive: true }))
    .filter((each) => each.endsWith('.js'))
    .sort()) {
    const { length } = await readFile(join(folder, name));
    console.log(`     pages: ${name} ${length} bytes`);
    sum += length;
  }
  judge('pages: JavaScript as installed', sum / 1024, 60, ' KiB');
  judge('the .ipk', (await buildIpk(tree, await readPackageInfo())).length / 1024, 64, ' KiB');
}
