import * as assert from 'uvu/assert';
import { answersOf, bootstrap, settings, status } from '../../dev/preview/sample.ts';
import { states } from '../../dev/preview/states.ts';
import { barriers } from './support/axe.ts';
import { eachSite, type Ground } from './support/each-site.ts';
import { logIn, pageNames, type PageName } from './support/site.ts';
import type { Look, Visit } from './support/visit.ts';

/** What nobody wants to read. */
const nonsense = /\bundefined\b|\bNaN\b|\[object|\bnull\b|Invalid Date/;

await eachSite('every page', (scenario, ground) => {
  scenario('before anybody has logged in, each page opens and says something', () => saySomething(ground));

  scenario('in the tailnet, each page opens and says something', async () => {
    await logIn(ground.site);
    await saySomething(ground);
  });

  scenario('for one who may only look, too', () => saySomething(ground, { readonly: true }));

  scenario('what a compact build lacks cannot be chosen, and it is said why', async () => {
    const answers = {
      ...answersOf(status()),
      settings: { preferences: settings('compact'), router: { enabled: '1' } }
    };
    const { page } = await ground.open('settings', { answers });
    const ssh = page.getByLabel('Tailscale SSH');
    await ssh.waitFor();
    assert.ok(await ssh.isDisabled());
    const why = page.locator(`#${(await ssh.getAttribute('aria-describedby')) ?? ''}`);
    assert.match(await why.innerText(), /The Tailscale that runs cannot do that\./);
    assert.not(await page.getByLabel('Shields up').isDisabled());
  });

  scenario('before a change of the build it is said what that takes, and whether that is free', async () => {
    let free = 31e6;
    const memory = () => ({ daemon: 13e6, agent: 2e6, files: 7e6, total: 64e6, free });
    const answers = {
      ...states['status-builds']?.answers,
      status: () => status({ memory: memory(), bootstrap: bootstrap({ build: 'compact-ssh' }) })
    };
    const { page } = await ground.open('status', { answers });
    const build = page.locator('#view .cbi-value', { has: page.getByText('Build', { exact: true }) });
    await build.getByText('It takes 12 MB ✓ of free memory, to official 47.2 MB ✗.').waitFor();
    // What waits for its end is not drawn again.
    const button = await build.getByRole('button').first().elementHandle();
    free = 11e6;
    await build.getByText('It takes 12 MB ✗ of free memory, to official 47.2 MB ✗.').waitFor();
    free = 48e6;
    await build.getByText('It takes 12 MB ✓ of free memory, to official 47.2 MB ✓.').waitFor();
    assert.ok(await button.isVisible());
  });

  scenario('on a phone nothing keeps people from using a page, or takes sideways scrolling', () =>
    onEach(ground, sights({ width: 360, colorScheme: 'light' }), async (visit, { name }) => [
      ...(await barriers(visit.page, ground.site.content(name))),
      ...(await overflow(visit))
    ])
  );

  // The colours of the states are LuCI's.
  const inTheDark = (): Sight[] => (ground.site.kind === 'luci' ? sights : pages)({ colorScheme: 'dark' });
  scenario('in the dark, and on a large screen, neither', () =>
    onEach(ground, inTheDark(), async (visit, { name }) => [
      ...(await barriers(visit.page, ground.site.content(name))),
      ...(await overflow(visit))
    ])
  );
});

/** A page as somebody looks at it, and what that is called. */
interface Sight {
  title: string;
  name: PageName;
  look: Look;
}

/** With the real agent. */
function pages(look: Look): Sight[] {
  return pageNames.map((name) => ({ title: name, name, look }));
}

/** And in each state, with one in its place that says what a real one says seldom. */
function sights(look: Look): Sight[] {
  const inStates = Object.entries(states).map(([title, { page, answers, readonly = false }]) => ({
    title,
    name: page,
    look: { ...look, answers, readonly }
  }));
  return [...pages(look), ...inStates];
}

/** All open without complaint, have a sentence, and ask nobody but the router. */
async function saySomething(ground: Ground, look: Look = {}): Promise<void> {
  await onEach(ground, pages(look), (visit, _sight, text) => {
    const found = [...visit.problems];
    if (text.length < 20) found.push(`it says only: ${text}`);
    const [word] = nonsense.exec(text) ?? [];
    if (word !== undefined) found.push(`it says ${word}: ${text}`);
    found.push(...visit.requests.filter((url) => !isOf(url, ground.site.origin)));
    return found;
  });
}

/** `judge` tells what is wrong with a page that has settled, with all open; throws with all of that. */
async function onEach(
  ground: Ground,
  sights: readonly Sight[],
  judge: (visit: Visit, sight: Sight, text: string) => string[] | Promise<string[]>
): Promise<void> {
  const wrong: Record<string, string[]> = {};
  const left = [...sights];
  const work = async (): Promise<void> => {
    for (let sight = left.shift(); sight; sight = left.shift()) {
      const visit = await ground.open(sight.name, sight.look).catch((error: unknown) => String(error));
      const found =
        typeof visit === 'string'
          ? [visit]
          : await judge(visit, sight, await settle(visit, ground, sight.name));
      if (found.length > 0) wrong[sight.title] = found;
      if (typeof visit !== 'string') await visit.close();
    }
  };
  // Not so in LuCI: pages that are made at the same time share a connection to ubus, and take each other's replies.
  await Promise.all(Array.from({ length: ground.site.kind === 'preview' ? 4 : 1 }, work));
  assert.equal(wrong, {});
}

/** What it says once it has heard from the agent. */
async function settle({ page }: Visit, ground: Ground, name: PageName): Promise<string> {
  // LuCI's pages ask again and again: there is no moment at which nothing is under way.
  await page.waitForTimeout(1500);
  await page.evaluate('for (const each of document.querySelectorAll("#view details")) each.open = true');
  return (await page.locator(ground.site.content(name)).allInnerTexts()).join('\n').trim();
}

function isOf(url: string, origin: string): boolean {
  return url.startsWith(`${origin}/`) || url.startsWith('data:') || url.startsWith('blob:');
}

/** What is wider than the window, in one line. */
async function overflow({ page }: Visit): Promise<string[]> {
  const found = await page.evaluate<string>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const right = (element) => element.getBoundingClientRect().right;
    const [widest] = [...document.body.querySelectorAll('*')].sort((a, b) => right(b) - right(a));
    return scrollWidth > clientWidth ? scrollWidth + ' of ' + clientWidth + ' pixels: ' + widest.outerHTML : '';
  })()`);
  return found === '' ? [] : [found.slice(0, 300)];
}
