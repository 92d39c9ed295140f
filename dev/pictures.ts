import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { repository } from '../build/package.ts';
import { gallery } from './pictures/gallery.ts';
import { openLuciStage } from './pictures/luci-stage.ts';
import { openPreviewStage } from './pictures/preview-stage.ts';
import type { Stage } from './pictures/stage.ts';
import { launchChromium, whyNoBrowser } from './preview/chromium.ts';
import { states, type State } from './preview/states.ts';
import { ensurePrograms } from './setup/debian.ts';
import { headscaleBinary, tailscaleBinaries } from './setup/go.ts';
import { isIsolated, runIsolated } from './tailnet/namespaces.ts';
import { testVersions } from '../src/shared/test-versions.ts';

/**
 * `npm run pictures [-- --luci] [NAME …]`: every page in every state (`preview/states.ts`), or in those whose names
 * contain one of these, light, dark and on a phone, with an `index.html` that shows all: in the preview, in
 * `dist/pictures/preview/`, or in LuCI on a router, in `dist/pictures/luci/`.
 */

const looks = {
  light: { colorScheme: 'light', viewport: { width: 1200, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1200, height: 800 } },
  phone: { colorScheme: 'light', viewport: { width: 360, height: 740 } }
} as const;

const inLuci = process.argv.includes('--luci');
const place = `dist/pictures/${inLuci ? 'luci' : 'preview'}/`;
const folder = fileURLToPath(new URL(place, repository));
const wanted = process.argv.slice(2).filter((name) => name !== '--luci');

try {
  process.exitCode = inLuci && !isIsolated() ? await prepare() : await takePictures();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

/** Gets what a router needs, and starts this program again in namespaces of its own. */
async function prepare(): Promise<number> {
  await ensurePrograms(['busybox', 'dnsmasq', 'ip', 'mkfs.ext4', 'tini', 'unshare']);
  // In there is no network to get it from.
  await headscaleBinary();
  await tailscaleBinaries(testVersions.latest);
  return runIsolated(fileURLToPath(import.meta.url), process.argv.slice(2));
}

async function takePictures(): Promise<number> {
  if (!isIsolated()) await ensurePrograms(['chromium']);
  const problem = whyNoBrowser();
  if (problem !== undefined) throw new Error(problem);
  const chosen = Object.entries(states).filter(
    ([name]) => wanted.length === 0 || wanted.some((part) => name.includes(part))
  );
  const stage = await (inLuci ? openLuciStage() : openPreviewStage());
  const browser = await launchChromium();
  await mkdir(folder, { recursive: true });
  const taken: string[] = [];
  try {
    const left = [...chosen];
    const work = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift())
        if (await takeAll(browser, stage, ...next)) taken.push(next[0]);
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
  } finally {
    await browser.close();
    await stage.close();
  }
  const shown = chosen.map(([name]) => name).filter((name) => taken.includes(name));
  await writeFile(join(folder, 'index.html'), gallery(shown, Object.keys(looks)));
  console.log(`${taken.length * Object.keys(looks).length} pictures of ${taken.length} states: ${place}`);
  return 0;
}

/** A state's pictures; whether it can be shown there. What the page complains about is told. */
async function takeAll(browser: Browser, stage: Stage, name: string, state: State): Promise<boolean> {
  for (const [look, options] of Object.entries(looks)) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(20_000);
    const address = await stage.show(name, state, context);
    if (address === undefined) return false;
    const page = await context.newPage();
    page.on('pageerror', (error) => {
      console.log(`${name}, ${look}: ${error.message}`);
    });
    await page.goto(address);
    await page.locator('#view > :not(.spinning)').first().waitFor({ state: 'attached' });
    await page.waitForTimeout((state.seconds ?? 1.5) * 1000);
    for (const label of state.press ?? []) {
      const button = page.getByRole('button', { name: label, exact: true }).first();
      await button.click().catch(() => {
        console.log(`${name}, ${look}: there is no button ${label}`);
      });
      await page.waitForTimeout(800);
    }
    await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true });
    await context.close();
  }
  return true;
}
