import type { Instance } from './class.ts';
import { content, create } from './dom.ts';
import { load } from './loader.ts';
import { poll } from './poll.ts';

/** LuCI's overview with these modules on it. One whose `load` fails once is not shown again. */
export async function showOverview(place: Element, names: readonly string[]): Promise<void> {
  const cards = await Promise.all(
    names.map(async (name) => cardOf((await load(name)) as Instance & Include))
  );
  content(place, create('h2', {}, ['Status']));
  for (const { section } of cards) place.append(section);
  const refresh = async (): Promise<void> => {
    await Promise.all(cards.map(({ refresh: each }) => each()));
  };
  await refresh();
  poll.add(refresh);
}

interface Include {
  title?: string;
  load?: () => unknown;
  render?: (loaded: unknown) => unknown;
  oneshot?: ((loaded: unknown) => void) | null;
}

function cardOf(include: Include): { section: HTMLElement; refresh: () => Promise<void> } {
  const body = create('div') as HTMLElement;
  const title = create('div', { class: 'cbi-title' }, [create('h3', {}, [include.title ?? '-'])]);
  const section = create('div', { class: 'cbi-section', style: 'display:none' }, [
    title,
    body
  ]) as HTMLElement;
  let hasFailed = false;
  const refresh = async (): Promise<void> => {
    if (hasFailed) return;
    let loaded: unknown;
    try {
      loaded = await include.load?.();
    } catch {
      hasFailed = true;
      return;
    }
    const rendered = include.render?.(loaded);
    include.oneshot?.(loaded);
    include.oneshot = null;
    if (rendered === null || rendered === undefined) return;
    section.style.display = '';
    content(body, rendered);
  };
  return { section, refresh };
}
