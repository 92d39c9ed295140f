import { once } from 'node:events';
import { renderUnicodeCompact } from 'uqr';
import type { Router } from '../tailnet/router.ts';
import { waitFor } from '../tailnet/wait.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs `tailscale up` with these arguments and shows the login link and its QR code; `open` is what the person
 * does with the link, if that cannot be left to a browser. Returns when the node is in its tailnet.
 */
export async function login(
  router: Router,
  args: readonly string[],
  terminal: Terminal,
  open?: (link: string) => Promise<void>
): Promise<void> {
  await terminal.step('Waits for tailscaled', () =>
    waitFor('tailscaled answers', 30, () => router.cli.status())
  );
  const up = router.tailscale('up', ...args);
  const link = await terminal.step('Asks for a login link', () =>
    waitFor('the login link', 60, async () => {
      if (!up.running) throw new Error(`tailscale up has ended: ${await router.tailOfLog()}`);
      return (await router.cli.status()).AuthURL;
    })
  );
  terminal.line(`\nLog in: ${link}\n`);
  terminal.line(renderUnicodeCompact(link, { border: 2 }));
  await open?.(link);
  // A person may take an hour.
  await terminal.step('Waits for the login', () => router.cli.waitUntilRunning(24 * 3600));
}

/** Waits for Enter; for ever if nobody can press it. */
export async function pressEnter(): Promise<void> {
  await once(process.stdin, 'data');
  process.stdin.pause();
}
