/** The methods that measure, and those about the version that runs. */

import { access, unlink } from 'fs';
import { process } from 'uloop';
import type { AgentError } from '../shared/agent-errors.ts';
import { checkText, checkVersion } from './checks.ts';
import { UNWRITABLE } from './confirm.ts';
import { daemon } from './daemon.ts';
import { sync } from './flash.ts';
import { asJob, endJob, isRunning } from './jobs.ts';
import type { Job } from './jobs.ts';
import { call, callAll, encode, request } from './localapi.ts';
import { forget } from './login.ts';
import { wayOf } from './peers.ts';
import { REPORT, runProgram } from './programs.ts';
import { ask, healthTexts, id, numberFrom, oneOf, UNREACHABLE, withPeer } from './reads.ts';
import { announce } from './server.ts';
import type { Answer, Method } from './server.ts';
import { option, stateFile } from './settings.ts';
import { care } from './status.ts';
import { cut, fault, parse } from './text.ts';
import { pin, restartDaemon, startUpdate, versionBefore } from './versions.ts';

interface PingResult {
  Err?: string;
  LatencySeconds?: number;
  Endpoint?: string;
  PeerRelay?: string;
  DERPRegionCode?: string;
}

function showPing(failure: AgentError | null, value: unknown): object {
  let result = (value ?? {}) as PingResult;
  if (failure || result.Err) return { error: failure ?? fault('daemon-refused', cut(result.Err, 500)) };
  let way = wayOf(result.Endpoint, result.PeerRelay, result.DERPRegionCode);
  return { milliseconds: (result.LatencySeconds ?? 0) * 1000, path: way[0], via: way[1] || null };
}

function pingOnce(job: Job, path: string, left: number, replies: object[]): void {
  job.cancel = call('POST', path, null, (failure, value) => {
    if (!isRunning(job)) return;
    push(replies, showPing(failure, value));
    job.progress.replies = replies;
    if (left > 1 && failure?.code != 'daemon-unreachable') pingOnce(job, path, left - 1, replies);
    else endJob(job, null, { replies });
  });
}

function ping(args: { peer: string; count: number; type: string }, answer: Answer): void {
  withPeer(args.peer, answer, (row) => {
    asJob('ping', answer, (job) => {
      pingOnce(job, `ping?ip=${encode(row[3][0] ?? '')}&type=${args.type}`, args.count, []);
    });
  });
}

/** What the daemon itself knows of the network, where the command line tool cannot measure. */
function knownNetwork(): object {
  return {
    source: 'daemon',
    relay: cut(daemon.status?.Self?.Relay, 16) || null,
    warnings: healthTexts()
  };
}

/** The stub fetches the command line tool, if it is not in RAM and there is room. */
function netcheck(_args: unknown, answer: Answer): void {
  asJob('netcheck', answer, (job) => {
    let fetched = !access('/tmp/tailscale-ram/bin/tailscale', 'x');
    job.cancel = runProgram(['/usr/sbin/tailscale', 'netcheck', '--format=json'], (code, output) => {
      let start = index(output, '{');
      let report =
        code == 0 && start >= 0 ? (parse(substr(output, start)) as { UDP?: boolean } | null) : null;
      if (report) {
        care.udp = report.UDP ?? null;
        endJob(job, null, { source: 'tailscale', fetched, report });
      } else {
        endJob(job, daemon.reachable ? null : UNREACHABLE, knownNetwork());
      }
    });
  });
}

function dnsQuery(args: { name: string; type: string }, answer: Answer): void {
  ask(`dns-query?name=${encode(args.name)}&type=${args.type}`, answer, (value) => {
    let reply = value as { Bytes?: string; Resolvers?: { Addr?: string }[] } | null;
    runProgram([REPORT, 'dns', cut(reply?.Bytes, 65536)], (_code, output) => {
      answer(null, {
        ...((parse(output) as object | null) ?? {}),
        resolvers: map(reply?.Resolvers ?? [], (resolver) => cut(resolver.Addr, 64))
      });
    });
  });
}

function derpTest(args: { region: number }, answer: Answer): void {
  asJob('derp_test', answer, (job) => {
    let options = { method: 'POST', path: `debug-derp-region?region=${args.region}`, timeout: 60000 };
    job.cancel = request(options, (failure, text) => {
      let report = parse(text) as Record<string, unknown> | null;
      endJob(job, failure, {
        info: report?.Info ?? [],
        warnings: report?.Warnings ?? [],
        errors: report?.Errors ?? []
      });
    });
  });
}

function rollback(_args: unknown, answer: Answer): void {
  let version = versionBefore();
  if (!version) answer(fault('not-found', 'no other good version'));
  else if (!pin(version)) answer(UNWRITABLE);
  else startUpdate('rollback', version, answer);
}

/** The node is gone for good: from the control server, if it can be reached, and from flash. */
function forgetIdentity(_args: unknown, answer: Answer): void {
  callAll([['POST', 'logout']], () => {
    unlink(stateFile());
    forget();
    restartDaemon();
    sync(() => {
      answer(null);
    });
  });
}

/** The bootstrap tries again at once; as it is configured now, which an init script has to tell it. */
function retry(_args: unknown, answer: Answer): void {
  let done = (code: number): void => {
    if (code == 0) announce('tailscale-ram');
    answer(code == 0 ? null : fault('conflict'));
  };
  if (!process('/usr/libexec/tailscale-ram/wake', [], {}, done)) done(1);
}

/** The words of the option `build`. */
const BUILDS = ['official', 'compact', 'compact-ssh', 'auto'];

const works = {
  ping: {
    args: {
      peer: id,
      count: numberFrom(1, 20, 1),
      type: oneOf(['disco', 'TSMP', 'ICMP', 'peerapi'], 'disco')
    },
    call: ping
  },
  netcheck: { call: netcheck },
  dns_query: {
    args: {
      name: { check: (value: unknown) => checkText(value, 254) },
      type: oneOf(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'], 'A')
    },
    call: dnsQuery
  },
  derp_test: { args: { region: numberFrom(1, 65535) }, call: derpTest },
  update: {
    call: (_args: unknown, answer: Answer) => {
      startUpdate('update', '', answer);
    }
  },
  rollback: { call: rollback },
  pin: {
    args: { version: { otherwise: '', check: checkVersion } },
    call: (args: { version: string }, answer: Answer) => {
      answer(pin(args.version) ? null : UNWRITABLE);
    }
  },
  set_build: {
    args: { build: { check: (value: unknown) => checkText(value, 16) } },
    call: (args: { build: string }, answer: Answer) => {
      let chosen = index(option('mirror') ? BUILDS : ['official'], args.build);
      if (chosen < 0) answer(fault('unsupported', 'official alone'));
      else startUpdate('set_build', '', answer, args.build);
    }
  },
  forget_identity: { call: forgetIdentity },
  retry: { call: retry }
} as unknown as Record<string, Method>;

export { works };
