import { writeFile } from 'node:fs/promises';
import type { BrowserContext } from 'playwright-core';
import { daemonStatus, type Desk } from '../../../dev/router/desk.ts';
import { leadToLuci, openDoor } from '../../../dev/router/luci-door.ts';
import type { Rootfs } from '../../../dev/router/rootfs.ts';
import type { OpenWrt } from '../../../dev/router/router.ts';
import { run } from '../../../dev/tailnet/command.ts';
import type { Headscale } from '../../../dev/tailnet/headscale.ts';
import type { TailnetNode } from '../../../dev/tailnet/node.ts';
import { pageUrl } from './menu.ts';
import type { PageName, Site } from './site.ts';

/** LuCI on a router with our package, as a browser on its LAN sees it. */
export class LuciSite implements Site {
  readonly kind = 'luci';
  readonly name: string;
  readonly userName = 'anna';
  readonly origin: string;
  readonly router: OpenWrt;
  readonly desk: Desk;

  /** A router of this kind on the desk: it boots, gets the package and tailscaled, and two logins. */
  static async open(desk: Desk, rootfs: Rootfs): Promise<LuciSite> {
    await desk.reset();
    const router = await desk.addRouter(rootfs);
    try {
      await router.powerOn();
      await router.succeed(['passwd', 'root'], { input: `${password}\n${password}\n` });
      await addReader(router);
      await desk.install(router);
      const site = new LuciSite(desk, router, await reachLuci(router));
      await router.until('tailscaled answers', 60, () => daemonStatus(router));
      await router.until('the agent knows tailscaled', 20, async () => (await site.ask('status'))['state']);
      return site;
    } catch (error) {
      if (error instanceof Error && router.isOn) error.message += `\n${await tailOfLog(router)}`;
      await router.remove();
      throw error;
    }
  }

  private constructor(desk: Desk, router: OpenWrt, origin: string) {
    this.desk = desk;
    this.router = router;
    this.origin = origin;
    this.name = `OpenWrt ${router.release}`;
  }

  get headscale(): Headscale {
    return this.desk.headscale;
  }

  get laptop(): TailnetNode {
    return this.desk.peer;
  }

  get authKey(): string {
    return this.desk.authKey;
  }

  url(page: PageName): string {
    return `${this.origin}${pageUrl(page)}`;
  }

  isOwnProblem(text: string): boolean {
    // Protocols whose packages are not installed.
    return /404 .*\/luci-static\/resources\/protocol\//.test(text);
  }

  content(page: PageName): string {
    // Each part of the overview is a section; ours leads to our page.
    return page === 'overview'
      ? '#view > .cbi-section:has(a[href$="tailscale-ram/status"])'
      : '#view > :not(.spinning)';
  }

  async enter(context: BrowserContext, readonly: boolean): Promise<void> {
    const response = await context.request.post(`${this.origin}/cgi-bin/luci/`, {
      form: { luci_username: readonly ? reader : 'root', luci_password: password },
      maxRedirects: 0
    });
    if (response.status() !== 302) throw new Error(`LuCI refuses the login: ${response.status()}`);
  }

  async ask(method: string, args: object = {}): Promise<Record<string, unknown>> {
    return ((await this.router.ubus('tailscale-ram', method, args)) ?? {}) as Record<string, unknown>;
  }

  async tailOfLog(): Promise<string> {
    return this.router.isOn ? tailOfLog(this.router) : 'it is off';
  }

  async close(): Promise<void> {
    await this.router.remove();
  }
}

const password = 'correct horse';
const reader = 'reader';

/** One who may look at our pages and at LuCI's overview, and change nothing. The first group is what LuCI itself needs. */
async function addReader(router: OpenWrt): Promise<void> {
  const hash = (await router.succeed(['uhttpd', '-m', password])).trim();
  const groups = [
    ...['unauthenticated', 'luci-base', 'luci-base-network-status', 'luci-mod-status-index'],
    'luci-app-tailscale-ram'
  ];
  const lines = [
    'add rpcd login',
    `set rpcd.@login[-1].username='${reader}'`,
    `set rpcd.@login[-1].password='${hash}'`,
    ...groups.map((group) => `add_list rpcd.@login[-1].read='${group}'`),
    'commit rpcd'
  ];
  await router.succeed(['uci', '-q', 'batch'], { input: `${lines.join('\n')}\n` });
}

/** The address of its web server in the LAN, which it can be reached by from here afterwards. */
async function reachLuci(router: OpenWrt): Promise<string> {
  // Of the router before. And no address that the router announces: with each one, Chromium gives up what it asks for.
  await writeFile('/proc/sys/net/ipv6/conf/home/accept_ra', '0');
  await run(['ip', 'addr', 'flush', 'dev', 'home']);
  const door = await openDoor();
  await leadToLuci(door, router).finally(() => door.close());
  const { 'ipv4-address': addresses } = (await router.ubus('network.interface.lan', 'status')) as LanStatus;
  return `http://${addresses[0]?.address ?? ''}`;
}

/** Of ours, and of what serves the pages. */
async function tailOfLog(router: OpenWrt): Promise<string> {
  const script = "logread | grep -E 'tailscale-ram|agent\\[|uhttpd|rpcd|Out of memory' | tail -n 10";
  return (await router.exec(script)).stdout;
}

interface LanStatus {
  'ipv4-address': { address: string }[];
}
