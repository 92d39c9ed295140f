import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { waitFor } from '../../dev/tailnet/wait.ts';
import type { Peer, Status } from '../../src/shared/status.ts';
import { offerExitNode } from './approve.ts';
import { accessList, callByHand, controls, looksOnly, unfold } from './readonly-steps.ts';
import { eachSite } from './support/each-site.ts';
import { LuciSite } from './support/luci-site.ts';
import { logIn, pageNames, type PageName } from './support/site.ts';

await eachSite('who may only look', (scenario, ground) => {
  const status = async (): Promise<Status> => (await ground.site.ask('status')) as unknown as Status;
  const laptop = async (): Promise<Peer> => ((await ground.site.ask('peers'))['peers'] as [Peer])[0];

  /** What each page is there to tell. */
  const facts = async (name: PageName): Promise<string[]> => {
    const { self, tailnet, version } = await status();
    const own = self?.name.split('.')[0] ?? '';
    if (name === 'status')
      return [
        ...[`Connected as ${own} in ${tailnet?.name ?? ''}`, self?.name ?? '', ...(self?.addresses ?? [])],
        ...[self?.owner ?? '', `Tailscale ${version ?? ''}`, '10.9.0.0/16', 'waits for approval', 'laptop.'],
        'tailnet → router ✓'
      ];
    if (name === 'devices') {
      const { addresses, owner, name: full } = await laptop();
      return [full, ...addresses, owner ?? '', 'linux', '1 of 1', 'exit node'];
    }
    if (name === 'settings')
      return ['Routes offered', 'Shields up', 'Exit node', 'This router', 'in use', self?.owner ?? ''];
    if (name === 'diagnostics')
      return ['Firewall and routes', 'The tailnet’s zone', 'Numbers', 'Received', 'Log', 'connected'];
    return [`Connected as ${own} in ${tailnet?.name ?? ''}`];
  };

  const open = async (name: PageName, readonly: boolean): Promise<Page> => {
    const { page } = await ground.open(name, { readonly });
    const content = ground.site.content(name);
    const untilShown = (what: string, condition: () => Promise<boolean>): Promise<unknown> =>
      waitFor(`${name} shows ${what}`, 20, condition);
    if (name === 'devices') await page.getByRole('button', { name: 'laptop' }).waitFor();
    if (name === 'settings') await page.getByLabel('Nickname', { exact: true }).waitFor();
    await unfold(page, content);
    for (const fact of await facts(name)) {
      // Without a system log there is nothing in it.
      if (fact === 'connected' && ground.site.kind === 'preview') continue;
      await untilShown(fact, async () => {
        const text = (await page.locator(content).allInnerTexts()).join('\n');
        return text.replace(/\s+/g, ' ').includes(fact);
      });
    }
    return page;
  };

  scenario('there is a tailnet with an exit node, and a route that waits', async () => {
    await logIn(ground.site);
    await offerExitNode(ground.site);
    const { id } = await laptop();
    for (const [method, args] of [
      ['set', { preferences: { hostname: 'attic-router', advertise_routes: ['10.9.0.0/16'] } }],
      ['exit_node', { id }]
    ] as const) {
      const { job } = await waitFor(`${method} is done`, 20, async () => {
        const reply = await ground.site.ask(method, args);
        return reply['error'] ? undefined : reply;
      });
      await ground.site.ask('confirm', { job });
    }
  });

  for (const name of pageNames)
    scenario(`${name}: shows the same, and nothing to change it with`, async () => {
      const content = ground.site.content(name);
      const full = await open(name, false);
      const page = await open(name, true);
      const offered = await controls(page, content);
      assert.equal(
        offered.filter((control) => !looksOnly.test(control)),
        []
      );
      const all = await controls(full, content);
      if (name !== 'overview')
        assert.ok(
          all.some((control) => !looksOnly.test(control)),
          all.join('\n')
        );
      for (const control of all.filter((each) => looksOnly.test(each)))
        assert.ok(offered.includes(control), control);
      if (name !== 'settings') return;
      const filledIn = await fields(full);
      assert.is(filledIn['Name'], 'attic-router');
      assert.equal(await fields(page), filledIn);
    });

  scenario('what its pages do not offer is refused, and changes nothing', async () => {
    const { read, write } = accessList();
    const { page } = await ground.open('status', { readonly: true });
    const before = await everything();
    for (const method of changing) {
      const { error, result } = await callByHand(page, 'tailscale-ram', method, args[method] ?? {});
      assert.is(error?.code, -32002, `${method}: ${JSON.stringify(result)}`);
    }
    assert.equal(write, { 'tailscale-ram': ['*'] });
    const set = { config: 'tailscale-ram', section: 'main', values: { enabled: '0' } };
    const reply = await callByHand(page, 'uci', 'set', set);
    // 6 is ubus' own "permission denied"; the preview has no such object.
    assert.ok(reply.error ?? reply.result?.[0] === 6, JSON.stringify(reply));
    assert.equal(await everything(), before);

    // It is not that nothing could be called.
    for (const method of read['tailscale-ram'] ?? []) {
      const { result: answer } = await callByHand(page, 'tailscale-ram', method, args[method] ?? {});
      assert.is(answer?.[0], 0, method);
    }
  });

  /** All that those methods could change. */
  const everything = async (): Promise<unknown> => {
    const { site } = ground;
    const { daemon, exit_node, login_server, login_url, routes, self, state, unconfirmed } = await status();
    return [
      { daemon, exit_node, login_server, login_url, routes, self, state, unconfirmed },
      await site.ask('settings'),
      await site.ask('profiles'),
      site instanceof LuciSite && (await site.router.uci('export', 'tailscale-ram')),
      site instanceof LuciSite && (await site.router.uci('changes'))
    ];
  };
});

/** What is in the fields of a page, by their labels. */
async function fields(page: Page): Promise<Record<string, unknown>> {
  return page.evaluate<Record<string, unknown>>(`
    Object.fromEntries(
      [...document.querySelectorAll('#view input, #view textarea')]
        .filter((field) => field.labels?.[0] && field.checkVisibility())
        .filter((field) => field.disabled || !/^(search|password|url)$/.test(field.type))
        .map((field) => [field.labels[0].innerText.trim(), field.type === 'checkbox' ? field.checked : field.value])
    )
  `);
}

/** What asks for more than looking. */
const changing = [
  ...['confirm', 'forget_identity', 'rebind', 'login', 'cancel_login', 'logout', 'connect'],
  ...['disconnect', 'set', 'exit_node', 'pin', 'set_build', 'switch_profile', 'new_profile'],
  ...['delete_profile', 'reauth', 'ping', 'netcheck', 'dns_query', 'derp_test', 'update'],
  ...['rollback', 'retry', 'report', 'take_zone']
];

/** With these each of them would do something. */
const args: Record<string, object> = {
  confirm: { job: 1 },
  delete_profile: { id: 'abcd' },
  derp_test: { region: 999 },
  dns_query: { name: 'laptop.tailnet.example' },
  exit_node: { id: 'none' },
  job: { id: 1 },
  login: { login_server: 'https://login.example' },
  peer: { id: '1' },
  pin: { version: '1.2.3' },
  ping: { peer: '1' },
  route: { address: '100.64.0.1' },
  set: { preferences: { hostname: 'somebody-elses', shields_up: true } },
  set_build: { build: 'compact' },
  switch_profile: { id: 'abcd' }
};
