import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import type { Browser } from 'playwright-core';
import { buildRoot } from '../../build/root.ts';
import type { Bus } from '../../dev/host/system/bus.ts';
import { cannedBus, type Answer } from '../../dev/preview/canned.ts';
import { startPreview, type Preview } from '../../dev/preview/server.ts';
import { launchChromium, whyNoBrowser } from './support/chromium.ts';
import { pageUrl } from './support/menu.ts';
import type { PageName } from './support/site.ts';

/** The preview with an agent that says what it is told: for what is hard to reach with a real one. */
export interface CannedSite {
  readonly origin: string;

  /** By method, of others than the agent with their object before it; to be changed at any time. */
  readonly answers: Record<string, Answer>;
  /** What was called, in its order. */
  readonly calls: string[];
  url(page: PageName): string;
  close(): Promise<void>;
}

export async function openCannedSite(): Promise<CannedSite> {
  const tree = await mkdtemp(join(tmpdir(), 'canned-'));
  await buildRoot(tree);
  await allowWhatLuciAllows(tree);
  const answers: Record<string, Answer> = {};
  const calls: string[] = [];
  const bus = counted(cannedBus(answers), calls);
  const info = (): object => ({ localtime: Math.floor(Date.now() / 1000), uptime: 1000 });
  bus.provide('system', { info: () => answers['system info'] ?? info() });
  bus.provide('network.interface', { dump: () => answers['network.interface dump'] ?? { interface: [] } });
  const preview: Preview = await startPreview({ bus, tree, note: 'canned' });
  const origin = preview.url.replace(/\/$/, '');
  return {
    origin,
    answers,
    calls,
    url: (page) => `${origin}${pageUrl(page)}`,
    close: async () => {
      preview.close();
      await rm(tree, { recursive: true });
    }
  };
}

/** What the scenarios of a file share; there once they run. */
export interface CannedGround {
  readonly site: CannedSite;
  readonly browser: Browser;
}

export type Scenario = (name: string, run: () => Promise<void>) => void;

/** Runs scenarios in a browser, one after the other. Says in one line what it skips; LuCI itself is not asked. */
export function onCannedSite(
  topic: string,
  define: (scenario: Scenario, ground: CannedGround) => void
): void {
  if (process.env['SITE'] === 'luci') return;
  const problem = whyNoBrowser();
  if (problem !== undefined) {
    console.log(`skipped: ${problem}`);
    return;
  }
  const test = suite(topic);
  const ground: { site?: CannedSite; browser?: Browser } = {};
  test.before(async () => {
    [ground.site, ground.browser] = await Promise.all([openCannedSite(), launchChromium()]);
  });
  test.after(async () => {
    await ground.browser?.close();
    await ground.site?.close();
  });
  define((name, run) => {
    test(name, run);
  }, ground as CannedGround);
  test.run();
}

/** LuCI's own packages let every login read these. */
async function allowWhatLuciAllows(tree: string): Promise<void> {
  const file = join(tree, 'usr/share/rpcd/acl.d/luci-app-tailscale-ram.json');
  const groups = JSON.parse(await readFile(file, 'utf8')) as Record<string, object>;
  const read = { ubus: { system: ['info'], 'network.interface': ['dump'] } };
  await writeFile(file, JSON.stringify({ ...groups, 'luci-base': { read } }));
}

function counted(bus: Bus, calls: string[]): Bus {
  const invoke = bus.invoke.bind(bus);
  bus.invoke = (name, method, ...rest) => {
    calls.push(name === 'tailscale-ram' ? method : `${name} ${method}`);
    return invoke(name, method, ...rest);
  };
  return bus;
}
