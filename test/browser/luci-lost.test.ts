import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { agentPid } from '../router/agent-calls.ts';
import { assertNoComplaint, connected, stayedOpen } from './login-steps.ts';
import { luciOf } from './luci-steps.ts';
import { eachSite } from './support/each-site.ts';
import type { LuciSite } from './support/luci-site.ts';
import { logIn } from './support/site.ts';

await eachSite('what a page is open for is away', (scenario, ground) => {
  const luci = (): LuciSite => luciOf(ground.site);

  scenario('the agent is killed: the page goes on by itself', async () => {
    const { router } = luci();
    await logIn(luci());
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    const assertStayed = await stayedOpen(page);
    const pid = await agentPid(router);
    await router.succeed(['kill', '-9', pid]);
    await router.until('another one answers', 15, async () => {
      const now = await agentPid(router);
      return now !== '' && now !== pid && (await luci().ask('status'))['state'] === 'Running';
    });
    await rename('after-the-agent');
    await page.getByRole('heading', { name: 'Connected as after-the-agent' }).waitFor();
    await assertStayed();
    await assertNoComplaint(page);
  });

  scenario('rpcd reads its configuration again: the page goes on by itself', async () => {
    const { router } = luci();
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    const assertStayed = await stayedOpen(page);
    await router.succeed(['/etc/init.d/rpcd', 'reload']);
    await rename('after-rpcd');
    await page.getByRole('heading', { name: 'Connected as after-rpcd' }).waitFor();
    await assertStayed();
  });

  scenario('rpcd is restarted, and with it every session ends: a sentence, and a login', async () => {
    const { router } = luci();
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    await router.succeed(['/etc/init.d/rpcd', 'restart']);
    await logInAgain(page);
    await connected(page).waitFor();
    await assertNoComplaint(page);
  });

  scenario('the router reboots: a sentence for both, and a login', async () => {
    const { router } = luci();
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    await router.exec(['reboot']);
    await page.getByText('The router does not answer; it may be restarting.').waitFor();
    await waitFor('it has gone down', 40, () => router.hasGoneDown);
    await router.bootAgain();
    await logInAgain(page);
    await connected(page).waitFor();
    await assertNoComplaint(page);
  });

  /** Our page says why, and LuCI asks for it. */
  const logInAgain = async (page: Page): Promise<void> => {
    await page.getByText('This login may not do that, or has expired.').waitFor();
    await luci().enter(page.context(), false);
    await page.getByText('Log in…').click();
  };
  const rename = async (hostname: string): Promise<void> => {
    assert.is((await luci().ask('set', { preferences: { hostname } }))['error'], undefined);
  };
});
