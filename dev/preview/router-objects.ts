import { uptime } from 'node:os';
import type { Bus } from '../host/system/bus.ts';

/**
 * What our pages ask of the rest of a router: its clock, and a LAN and a way to the Internet as many have them. What
 * is on the bus already stays.
 */
export function provideRouterObjects(bus: Bus): void {
  if (bus.list('system').length === 0) bus.provide('system', { info });
  if (bus.list('network.interface').length === 0) bus.provide('network.interface', { dump });
}

function info(): object {
  const now = new Date();
  const zone = now.getTimezoneOffset() * 60;
  return { localtime: Math.floor(now.getTime() / 1000) - zone, uptime: Math.floor(uptime()) };
}

function dump(): object {
  const lan = {
    interface: 'lan',
    up: true,
    'ipv4-address': [{ address: '192.168.1.1', mask: 24 }],
    route: []
  };
  const wan = {
    interface: 'wan',
    up: true,
    'ipv4-address': [{ address: '192.0.2.100', mask: 24 }],
    route: [{ target: '0.0.0.0', mask: 0, nexthop: '192.0.2.1' }]
  };
  return { interface: [loopback, lan, wan] };
}

const loopback = {
  interface: 'loopback',
  up: true,
  'ipv4-address': [{ address: '127.0.0.1', mask: 8 }],
  route: []
};
