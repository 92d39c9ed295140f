import { chromium, type Browser } from 'playwright-core';
import { findProgram } from '../setup/debian.ts';

/** Why there is no browser, in one line; undefined if there is one. */
export function whyNoBrowser(): string | undefined {
  return findProgram('chromium') === undefined ? 'no chromium, the Debian package' : undefined;
}

/**
 * Chromium without a window, which asks nobody but whom a page asks. It ends with this process; in namespaces of
 * one's own, with them, too. Its profile is a temporary folder of its own. Throws without Chromium.
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findProgram('chromium');
  if (executablePath === undefined) throw new Error(whyNoBrowser());
  return chromium.launch({
    executablePath,
    // It cannot have one as root.
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      // It has nobody to ask and nothing to tell.
      ...['--disable-background-networking', '--disable-component-update', '--disable-domain-reliability'],
      ...['--disable-sync', '--no-pings', '--no-default-browser-check', '--safebrowsing-disable-auto-update'],
      '--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,DialMediaRouteProvider'
    ]
  });
}
