/** The methods about how the router's networks and the tailnet hang together. */

import { readfile } from 'fs';
import { checkAddress } from '../checks.ts';
import { daemon, withPeers } from '../daemon.ts';
import { RUN_DIR } from '../flash.ts';
import { unpackAll } from '../peers.ts';
import type { Devices } from '../peers.ts';
import { runProgram } from '../programs.ts';
import type { Answer, Method } from '../server.ts';
import { cut, fault } from '../text.ts';
import type { Situation } from '../../shared/network-plan.ts';
import { lastKnown, removeLeft } from './apply.ts';
import { makePlan } from './plan.ts';
import { readInterfaces, readSituation } from './situation.ts';
import { planSoon } from './watch.ts';

/** Of the findings, so many are enough. */
const MOST = 50;

/** What the devices of the tailnet add: their addresses, and what they offer if this router takes it. */
function addDevices(situation: Situation, devices: Devices): void {
  map(unpackAll(devices), (row) => {
    let name = row[1];
    map(row[3], (address) => push(situation.peers, { address, name }));
    if (daemon.prefs?.RouteAll) map(row[19], (prefix) => push(situation.routes, { prefix, by: name }));
  });
}

function network(_args: unknown, answer: Answer): void {
  readSituation(lastKnown(), (situation) => {
    if (!situation) {
      answer(fault('internal', 'no netifd'));
      return;
    }
    withPeers((devices) => {
      if (devices) addDevices(situation, devices);
      let plan = makePlan(situation);
      answer(null, {
        arrows: plan.arrows,
        findings: slice(plan.findings, 0, MOST),
        names: cut(readfile(`${RUN_DIR}/names.servers`), 16384),
        sections: map(plan.sections, (one) => ({ config: one.config, name: one.name, reason: one.reason }))
      });
    });
  });
}

function route(args: { address: string }, answer: Answer): void {
  let family = index(args.address, ':') < 0 ? '-4' : '-6';
  runProgram(['/sbin/ip', family, 'route', 'get', args.address], (code, output) => {
    let device = code == 0 ? (match(output, / dev ([^ ]+)/)?.[1] ?? null) : null;
    readInterfaces((interfaces) => {
      let found = filter(interfaces ?? [], (one) => device && one.device == device);
      answer(null, {
        device,
        interface: found[0]?.name ?? null,
        via: match(output, / via ([^ ]+)/)?.[1] ?? null
      });
    });
  });
}

function takeZone(_args: unknown, answer: Answer): void {
  removeLeft((failure) => {
    planSoon();
    answer(failure);
  });
}

const networkMethods = {
  network: { call: network },
  take_zone: { writes: true, call: takeZone },
  route: { args: { address: { check: checkAddress } }, call: route }
} as unknown as Record<string, Method>;

export { networkMethods };
