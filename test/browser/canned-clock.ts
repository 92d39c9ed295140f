import type { CDPSession, Page } from 'playwright-core';

/** A page whose time passes only when it is told to, so that an hour takes a second. */
export interface Stepped {
  /** From now on: until then it passes as everywhere. To be called once. */
  readonly stop: () => Promise<void>;
  /** Lets so many seconds pass, each once all that was asked before has been answered and shown. */
  readonly pass: (seconds: number) => Promise<void>;
  /** As one big step: what is due in between is done, without waiting for answers. */
  readonly leap: (seconds: number) => Promise<void>;
  /** What lives on the page once everything has been thrown away that nobody needs. */
  readonly weigh: () => Promise<Weight>;
}

export interface Weight {
  /** Of JavaScript, in bytes. */
  heap: number;
  /** Of the document, and listeners on them. */
  nodes: number;
  listeners: number;
}

/** To be called before the page is opened. `slow` are methods that nobody waits for here. */
export async function stepped(page: Page, slow = /^$/): Promise<Stepped> {
  await page.addInitScript(`(${countReplies})(${String(slow)})`);
  await page.clock.install({ time: start });
  let cdp: CDPSession | undefined;
  const answered = async (): Promise<void> => {
    await page.evaluate('allAnswered()');
  };
  const leap = async (seconds: number): Promise<void> => {
    await page.clock.runFor(seconds * 1000);
    await answered();
  };
  return {
    stop: async () => {
      await page.clock.pauseAt(start + 60_000);
      await answered();
    },
    leap,
    pass: async (seconds) => {
      for (let i = 0; i < seconds; i++) await leap(1);
    },
    weigh: async () => {
      cdp ??= await page.context().newCDPSession(page);
      await cdp.send('Performance.enable');
      // What the first leaves for the next idle moment, the second takes.
      for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
      const { metrics } = await cdp.send('Performance.getMetrics');
      const figure = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN;
      return {
        heap: figure('JSHeapUsedSize'),
        nodes: figure('Nodes'),
        listeners: figure('JSEventListeners')
      };
    }
  };
}

/** In milliseconds since 1970. */
const start = 1_800_000_000_000;

/** `allAnswered()` resolves when no reply is awaited, and what was to be done with the last one is done. */
const countReplies = `(slow) => {
  const { fetch } = window;
  let pending = 0;
  const turn = () => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
  window.fetch = async (...args) => {
    if (slow.test(args[0])) return fetch(...args);
    pending++;
    try {
      const response = await fetch(...args);
      const body = await response.arrayBuffer();
      return new Response(body, response);
    } finally {
      void turn().then(turn).then(() => pending--);
    }
  };
  window.allAnswered = async () => {
    for (let quiet = 0; quiet < 3; quiet++) {
      await turn();
      if (pending > 0) quiet = -1;
    }
  };
}`;
