import type { OpenWrt } from '../../../dev/router/router.ts';
import { sleep } from '../../../dev/tailnet/wait.ts';
import { untilPhase } from '../../../dev/router/desk.ts';
import { isSoak } from '../soak.ts';
import { chooseSome } from './choice.ts';
import { events, type Event } from './events.ts';
import { defaultRoutes, useExit } from './exits.ts';

const service = '/etc/init.d/tailscale-ram';
/** Those of the kill switch; without it there are none. */
const removeRules = 'ip rule del priority 5280; ip -6 rule del priority 5280';

/** What a kill switch has to stand, power cuts aside; afterwards the router is in its tailnet again. */
const all: Event[] = [
  ...events.filter(({ short }) => short !== 'late' && short !== 'power'),
  {
    name: 'the service is stopped, and started',
    short: 'service',
    async happen(scene) {
      const { router } = scene;
      await router.succeed([service, 'stop'], { timeout: 60 });
      await scene.checkWithoutWan();
      await router.succeed([service, 'start']);
    }
  },
  {
    // The firewall is alone then, as it may be for a moment while netifd starts.
    name: 'network restart without the service, its rules gone a second before',
    short: 'no routes',
    happen: ({ router }) =>
      withoutService(router, `${removeRules}; sleep 1; /etc/init.d/network restart; sleep 4`)
  },
  {
    // The routes are alone then.
    name: 'the firewall is stopped, and started, without the service',
    short: 'no firewall',
    happen: ({ router }) =>
      withoutService(router, '/etc/init.d/firewall stop; sleep 1; /etc/init.d/firewall start')
  },
  {
    name: 'a logout, and a login',
    short: 'logout',
    async happen({ desk, router }) {
      await router.succeed(['tailscale', 'logout']);
      await sleep(2000);
      await desk.login(router);
    }
  },
  {
    name: 'the exit node is dead, and comes back',
    short: 'dead exit',
    async happen({ desk }) {
      await desk.peer.freeze(true);
      await sleep(5000);
      await desk.peer.freeze(false);
    }
  },
  {
    name: 'the exit node is no more one, and is one again',
    short: 'no exit',
    async happen({ desk }) {
      await desk.headscale.approveRoutesOf(desk.peerAddress, []);
      await sleep(3000);
      await desk.headscale.approveRoutesOf(desk.peerAddress, defaultRoutes);
    }
  },
  {
    name: 'the exit node is left, and chosen again',
    short: 'left',
    async happen({ router }) {
      await useExit(router, 'none');
      await sleep(2000);
    }
  },
  {
    name: 'the cable of WAN is out, and in',
    short: 'cable',
    async happen({ desk }) {
      const { wan } = desk.surroundings;
      await wan.disconnect();
      await sleep(3000);
      await wan.connect();
    }
  },
  {
    name: 'a boot without a download',
    short: 'no server',
    async happen(scene) {
      scene.desk.mirror.setFault({ kind: 'close' });
      try {
        await scene.cutPower();
        await untilPhase(scene.router, 'retrying', 60);
        await scene.checkWithoutWan();
      } finally {
        scene.desk.mirror.setFault();
      }
    }
  }
];

async function withoutService(router: OpenWrt, script: string): Promise<void> {
  await router.succeed(`${service} stop; ${script}; ${service} start`, { timeout: 90 });
}

/** Everything if it is a soak; else some of it, which a seed decides. */
export function chooseEvents(seed: number, count: number): Event[] {
  return isSoak ? all : chooseSome(all, seed, count);
}
