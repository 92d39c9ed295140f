import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRoot } from '../../build/root.ts';
import { cannedBus } from '../../dev/preview/canned.ts';
import { pageUrl, type PageName } from '../../dev/preview/pages.ts';
import { startPreview } from '../../dev/preview/server.ts';

/** The preview with an agent that knows nothing: what the pages are to show is put into them. */
export interface CannedSite {
  url(page: PageName): string;
  close(): Promise<void>;
}

export async function openCannedSite(): Promise<CannedSite> {
  const tree = await mkdtemp(join(tmpdir(), 'canned-'));
  await buildRoot(tree);
  await allowWhatLuciAllows(tree);
  const bus = cannedBus({});
  bus.provide('system', {
    info: () => ({ localtime: Math.floor(Date.now() / 1000), uptime: 1000 })
  });
  bus.provide('network.interface', { dump: () => ({ interface: [] }) });
  const preview = await startPreview({ bus, tree, note: 'canned' });
  const origin = preview.url.replace(/\/$/, '');
  return {
    url: (page) => `${origin}${pageUrl(page)}`,
    close: async () => {
      preview.close();
      await rm(tree, { recursive: true });
    }
  };
}

/** LuCI's own packages let every login read these. */
async function allowWhatLuciAllows(tree: string): Promise<void> {
  const file = join(tree, 'usr/share/rpcd/acl.d/luci-app-tailscale-ram.json');
  const groups = JSON.parse(await readFile(file, 'utf8')) as Record<string, object>;
  const read = { ubus: { system: ['info'], 'network.interface': ['dump'] } };
  await writeFile(file, JSON.stringify({ ...groups, 'luci-base': { read } }));
}
