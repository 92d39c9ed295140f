import { once } from 'node:events';
import { renderUnicodeCompact } from 'uqr';
import { waitFor } from '../tailnet/wait.ts';
import type { Device } from './device.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs `tailscale up` with these arguments and shows the login link and its QR code; `open` is what the person
 * does with the link, if that cannot be left to a browser. Returns when the node is in its tailnet.
 */
export async function login(
  device: Device,
  args: readonly string[],
  terminal: Terminal,
  open?: (link: string) => Promise<void>
): Promise<void> {
  await terminal.step('Waits for tailscaled', () =>
    waitFor('tailscaled answers', 30, () => device.cli.status())
  );
  const up = device.tailscale('up', ...args);
  const link = await terminal.step('Asks for a login link', () =>
    waitFor('the login link', 60, async () => {
      if (!up.running) throw new Error(`tailscale up has ended: ${await device.tailOfLog()}`);
      return (await device.cli.status()).AuthURL;
    })
  );
  terminal.line(`\nLog in: ${link}\n`);
  terminal.line(renderUnicodeCompact(link, { border: 2 }));
  await open?.(link);
  // A person may take an hour.
  await terminal.step('Waits for the login', () =>
    waitFor('the login', 24 * 3600, async () => (await device.cli.status()).BackendState === 'Running', 250)
  );
}

/** Waits for Enter; for ever if nobody can press it. */
export async function pressEnter(): Promise<void> {
  await once(process.stdin, 'data');
  process.stdin.pause();
}
