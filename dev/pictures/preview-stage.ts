import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRoot } from '../../build/root.ts';
import { cannedBus } from '../preview/canned.ts';
import { pageUrl } from '../preview/pages.ts';
import { startPreview, type Preview } from '../preview/server.ts';
import type { Stage } from './stage.ts';

/** The pages in the preview. */
export async function openPreviewStage(): Promise<Stage> {
  const tree = await mkdtemp(join(tmpdir(), 'pictures-'));
  await buildRoot(tree);
  const previews = new Map<string, Preview>();
  return {
    async show(name, { answers, page, readonly }) {
      const preview =
        previews.get(name) ?? (await startPreview({ bus: cannedBus(answers), tree, note: name }));
      previews.set(name, preview);
      return preview.url.slice(0, -1) + pageUrl(page) + (readonly ? '?readonly' : '');
    },
    async close() {
      for (const preview of previews.values()) preview.close();
      await rm(tree, { recursive: true });
    }
  };
}
