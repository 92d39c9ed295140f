import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import type { Answers } from '../../dev/preview/canned.ts';
import { answersOf, status, withoutDaemon, bootstrap } from '../../dev/preview/sample.ts';
import { answersWith } from './hostile-answers.ts';
import { harmless, hostileTexts } from './hostile-texts.ts';
import { outside, shown, structure, turned } from './inspect.ts';
import { eachSite, type Ground } from './support/each-site.ts';
import type { PageName } from './support/site.ts';
import type { Visit } from './support/visit.ts';

const texts = hostileTexts();
const twins = texts.map(harmless);

/** What is done on a page until everything that it can show is there. */
type Steps = (page: Page) => Promise<void>;

const pages: readonly [what: string, name: PageName, steps: Steps][] = [
  [
    'status',
    'status',
    async (page) => {
      await page.getByRole('button', { name: 'Choose …' }).click();
      await page.getByRole('option').nth(1000).waitFor({ state: 'attached' });
    }
  ],
  [
    'devices',
    'devices',
    async (page) => {
      await page.locator('.tsr > li').first().waitFor();
      for (let rows = 0; rows < texts.length;) {
        await page.evaluate('scrollTo(0, document.body.scrollHeight)');
        rows = await page.locator('.tsr > li').count();
      }
      await page.evaluate('scrollTo(0, 0)');
      for (let i = 0; i < 40; i++) await page.locator('.tsr > li button[aria-expanded]').nth(i).click();
      await page.getByRole('button', { name: 'Ping' }).first().click();
      await page.getByText(/8\.4/).waitFor();
    }
  ],
  [
    'settings',
    'settings',
    async (page) => {
      await page.locator('[role=textbox], input[type=text]').first().waitFor();
      await page.getByLabel('Shields up').first().check();
      await page.getByRole('button', { name: 'Apply', exact: true }).first().click();
      await page.getByRole('alert').waitFor();
    }
  ],
  [
    'diagnostics',
    'diagnostics',
    async (page) => {
      await page.getByRole('button', { name: 'Measure' }).click();
      await page.getByRole('button', { name: 'Test' }).first().click();
      await page.getByText('✗').first().waitFor();
      await page.getByLabel('Name', { exact: true }).fill('x');
      await page.getByRole('button', { name: 'Look up' }).click();
      await page.getByText('Asked:').waitFor();
      await page.getByLabel('Address', { exact: true }).fill('192.0.2.1');
      await page.getByRole('button', { name: 'Which way' }).click();
      await page.getByText('through the router').waitFor();
      await page.getByRole('button', { name: 'Collect' }).click();
      await page.getByLabel('Report').waitFor();
      await page.getByText('Numbers').click();
      await page.getByRole('cell').nth(999).waitFor({ state: 'attached' });
      await page.getByText('Log', { exact: true }).click();
    }
  ],
  ['the overview', 'overview', () => Promise.resolve()]
];

await eachSite('hostile texts', (scenario, ground) => {
  for (const [what, name, steps] of pages)
    scenario(`${what}: each is a text where a harmless one would be, and stays in its place`, () =>
      compare(ground, name, answersWith, steps)
    );

  scenario('while it is fetched, and at a login', async () => {
    for (const text of texts.filter((_text, i) => i % 200 === 7)) {
      const fetching = (word: string): Answers =>
        answersOf(
          withoutDaemon({
            bootstrap: bootstrap({
              phase: 'downloading',
              version: word,
              arch: word,
              error: { code: 'http-error', detail: word }
            })
          })
        );
      const loggingIn = (word: string): Answers =>
        answersOf(status({ state: 'NeedsLogin', self: null, login_url: word }));
      for (const answers of [fetching, loggingIn])
        await compare(
          ground,
          'status',
          ([word = '']) => answers(word),
          () => Promise.resolve(),
          [text],
          [harmless(text, 0)]
        );
    }
  });

  scenario('a refusal of the agent, and of what stands before it', async () => {
    for (const text of texts.filter((_text, i) => i % 100 === 31)) {
      const visit = await ground.open('diagnostics', {
        answers: {
          ...answersOf(status()),
          dns_query: { error: { code: 'daemon-refused', detail: text } }
        }
      });
      const { page } = visit;
      await page.getByRole('button', { name: 'Look up' }).click();
      await page.getByRole('alert').filter({ hasText: 'Tailscale refused' }).waitFor();
      await assertHarmless(visit);
      assert.equal(await page.evaluate(outside('#maincontent, .alert-message')), []);
    }
  });

  /** The page with these texts is, but for them, the one with their twins. */
  async function compare(
    ground: Ground,
    name: PageName,
    answers: (texts: readonly string[]) => Answers,
    steps: Steps,
    hostile: readonly string[] = texts,
    others: readonly string[] = twins
  ): Promise<void> {
    const { site } = ground;
    const content = site.content(name);
    const one = await ground.open(name, { answers: answers(others) });
    await settle(one.page, content, steps);
    const expected = await one.page.evaluate<string[]>(structure(content));
    const places = await one.page.evaluate<boolean[]>(shown(content, others));
    await one.close();

    const visit = await ground.open(name, { answers: answers(hostile) });
    const { page, requests } = visit;
    await settle(page, content, steps);
    assert.equal(differences(await page.evaluate<string[]>(structure(content)), expected), []);
    const found = await page.evaluate<boolean[]>(shown(content, hostile));
    assert.equal(
      hostile.filter((_text, i) => places[i] && !found[i]),
      [],
      'not shown as they are'
    );
    // Otherwise nothing has been tried.
    assert.ok(
      places.filter(Boolean).length >= (name === 'overview' ? 1 : hostile.length),
      `${name} shows few of them`
    );
    assert.equal(await page.evaluate(turned(content)), []);
    for (const width of [1200, 360]) {
      await page.setViewportSize({ width, height: 800 });
      assert.equal(await page.evaluate(outside(content)), [], `${width} pixels wide`);
    }
    await assertHarmless(visit);
    assert.equal(
      requests.filter((url) => !new RegExp(`^(${site.origin}/|data:|blob:)`).test(url)),
      []
    );
    await visit.close();
  }
});

async function settle(page: Page, content: string, steps: Steps): Promise<void> {
  await page.waitForTimeout(1000);
  await steps(page);
  await page.evaluate('for (const each of document.querySelectorAll("#view details")) each.open = true');
  await page.waitForTimeout(500);
}

/** No script of theirs has run: it would have met nothing of its name. Some wait for the pointer or the focus. */
async function assertHarmless({ page, problems }: Visit): Promise<void> {
  for (const type of ['mouseover', 'focus', 'toggle'])
    await page.evaluate(
      `for (const each of document.querySelectorAll('#view *')) each.dispatchEvent(new Event('${type}'))`
    );
  assert.equal(problems, []);
}

/** The first few. */
function differences(found: readonly string[], expected: readonly string[]): string[] {
  if (found.length !== expected.length) {
    const at = found.findIndex((line, i) => line !== expected[i]);
    return [`${found.length} elements instead of ${expected.length}; first: ${found[at] ?? ''}`];
  }
  return found.filter((line, i) => line !== expected[i]).slice(0, 5);
}
