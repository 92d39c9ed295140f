import * as assert from 'uvu/assert';
import type { Page } from 'playwright-core';
import type { Peer, Status } from '../../src/shared/status.ts';
import { stepped, type Stepped, type Weight } from './canned-clock.ts';
import { onCannedSite } from './canned-site.ts';
import { answersOf, device, devices, job, status } from './canned-tailnet.ts';
import { visitCanned, type CannedVisit } from './canned-visit.ts';
import type { PageName } from './support/site.ts';

/** A page that is left open for hours, in a browser whose clock is made fast. */
onCannedSite('a page left open', (scenario, ground) => {
  const { tell, count, onPage } = grounded();

  for (const name of ['status', 'devices'] as const) {
    onPage(name, 'after a thousand looks it weighs what it weighed before', async ({ page, leap, weigh }) => {
      tellOfChanges();
      if (name === 'devices') await page.locator('[aria-expanded]').nth(3).click();
      await repeat(200, () => leap(5));
      const before = await weigh();
      const asked = count('status');
      await repeat(800, () => leap(5));
      assert.is(count('status') - asked, 800);
      expectNoGain(before, await weigh());
    });
  }

  onPage('devices', 'those that come and go leave nothing behind', async ({ page, leap, weigh }) => {
    let polls = 0;
    tell(status, () => Array.from({ length: 40 }, (_, i) => device(polls * 5 + i)));
    const look = async (): Promise<void> => {
      polls++;
      await leap(5);
    };
    await repeat(50, look);
    const before = await weigh();
    await repeat(200, look);
    await page.getByText(new RegExp(`-${polls * 5}$`)).waitFor();
    expectNoGain(before, await weigh());
  });

  for (const name of ['status', 'devices', 'settings', 'diagnostics'] as const) {
    onPage(name, 'it asks each second while something moves, else each five', async ({ pass }) => {
      const asked = async (seconds: number): Promise<number> => {
        const before = count('status');
        await pass(seconds);
        return count('status') - before;
      };
      tell(status);
      await pass(5);
      assert.is(await asked(60), 12);
      tell(() => status({ state: 'Starting' }));
      await pass(5);
      assert.is(await asked(60), 60);
      tell(status);
      await pass(5);
      assert.is(await asked(60), 12);
    });

    onPage(name, 'while nobody looks it asks for nothing, and at once when somebody does', async (visit) => {
      tell(() => status({ state: 'Starting' }));
      await visit.pass(5);
      await look(visit.page, false);
      const before = ground.site.calls.length;
      await visit.pass(120);
      assert.equal(ground.site.calls.slice(before), []);
      await look(visit.page, true);
      await visit.leap(0);
      assert.is(count('status', before), 1);
    });
  }

  onPage('devices', 'a ping ends when nobody looks any more', async ({ page, pass }) => {
    const reply = { milliseconds: 30, path: 'relay', via: 'fra' };
    const { start, job: ended } = job({ replies: [reply] });
    tell(status, () => devices(5), { ping: start, job: ended });
    await pass(5);
    await page.locator('[aria-expanded]').first().click();
    await page.getByRole('button', { name: 'Ping' }).click();
    await pass(3);
    assert.ok(count('ping') > 1);
    await look(page, false);
    await pass(2);
    const before = ground.site.calls.length;
    await pass(30);
    assert.equal(ground.site.calls.slice(before), []);
  });

  for (const [name, method, press] of [
    ['devices', 'ping', 'Ping'],
    ['diagnostics', 'netcheck', 'Measure']
  ] as const) {
    const slow = new RegExp(`tailscale-ram\\.${method}`);
    const title = `the status does not wait for a ${method} that is answered late, nor for its job`;
    onPage(
      name,
      title,
      async ({ page, pass }) => {
        let answer: (reply: object) => void = () => undefined;
        const { start, job: ended } = job({
          replies: [{ milliseconds: 30, path: 'direct', via: 'x' }],
          report: {}
        });
        let isRunning = true;
        tell(
          () => status({ unconfirmed: { job: 1, method: 'set', seconds: 9 } }),
          () => devices(5),
          {
            [method]: () => new Promise<object>((resolve) => (answer = resolve)),
            job: () => ({ ...ended, ...(isRunning && { state: 'running', result: null }) })
          }
        );
        await pass(5);
        if (name === 'devices') await page.locator('[aria-expanded]').first().click();
        await page.getByRole('button', { name: press }).click();
        const asked = count('status');
        await pass(10);
        assert.is(count('status') - asked, 10, 'while it is not answered');
        answer(start);
        await pass(10);
        assert.is(count('status') - asked, 20, 'while its job runs');
        isRunning = false;
        await pass(3);
        await page
          .getByText(name === 'devices' ? 'direct x' : 'UDP')
          .first()
          .waitFor();
      },
      slow
    );
  }

  onPage(
    'status',
    'one that is not answered is not asked again meanwhile',
    async ({ page, pass }) => {
      let answer: (reply: object) => void = () => undefined;
      Object.assign(ground.site.answers, {
        status: () => new Promise<object>((resolve) => (answer = resolve))
      });
      await pass(5);
      await page.waitForTimeout(300);
      const asked = count('status');
      // LuCI gives up after twenty seconds.
      await pass(15);
      await page.waitForTimeout(300);
      assert.is(count('status'), asked);
      tell(status);
      answer(status({ state: 'Stopped' }));
      await page.getByText('is not connected').waitFor();
    },
    /status/
  );

  /** What needs the ground. */
  function grounded() {
    return {
      tell: (reply: () => Status, list: () => readonly Peer[] = () => [], methods: object = {}): void => {
        Object.assign(ground.site.answers, answersOf(reply, list), methods);
      },
      count: (method: string, from = 0): number =>
        ground.site.calls.slice(from).filter((call) => call === method).length,
      onPage: (
        page: PageName,
        title: string,
        run: (visit: CannedVisit & Stepped) => Promise<void>,
        slow?: RegExp
      ): void => {
        scenario(`${page}: ${title}`, async () => {
          tell(status, () => devices(100));
          const visit = await visitCanned(ground.browser, ground.site);
          try {
            const clock = await stepped(visit.page, slow);
            await visit.go(page);
            await clock.stop();
            await run({ ...visit, ...clock });
            assert.equal(visit.wrong, []);
          } finally {
            await visit.close();
          }
        });
      }
    };
  }

  /** With each answer: the traffic and the memory, ten devices of a hundred, now and then a problem. */
  function tellOfChanges(): void {
    let polls = 0;
    const list = devices(100);
    const next = (): Status => {
      const received = ++polls * 12_345;
      const daemon = (22 + (polls % 5)) * 1e6;
      const message = `Something is wrong, ${polls}`;
      const health: Status['problems'][0] = {
        code: 'health',
        severity: 'warning',
        arguments: { message },
        remedy: null
      };
      return status({
        traffic: { received, sent: received / 3 },
        memory: { daemon, agent: 2e6 },
        problems: polls % 10 < 5 ? [] : [health]
      });
    };
    const changed = (): readonly Peer[] => {
      for (let i = 0; i < 10; i++) {
        const peer = list[(polls * 10 + i) % list.length];
        if (peer) Object.assign(peer, { received: peer.received + 999, online: !peer.online });
      }
      return list;
    };
    tell(next, changed);
  }
});

async function repeat(times: number, run: () => Promise<void>): Promise<void> {
  for (let i = 0; i < times; i++) await run();
}

function expectNoGain(before: Weight, after: Weight): void {
  const gain = (figure: keyof Weight): number => after[figure] - before[figure];
  console.log(`${gain('heap')} bytes, ${gain('nodes')} nodes and ${gain('listeners')} listeners more`);
  assert.ok(gain('heap') < 300_000, `${gain('heap')} bytes more`);
  assert.ok(gain('nodes') < 50, `${gain('nodes')} nodes more`);
  assert.ok(gain('listeners') < 50, `${gain('listeners')} listeners more`);
}

/** As the browser tells a page that somebody looks at it, or at another. */
async function look(page: Page, isSeen: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${!isSeen}, configurable: true });
    Object.defineProperty(document, 'visibilityState', { value: '${isSeen ? 'visible' : 'hidden'}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}
