/** The methods whose answer takes longer than a caller should wait, and those about the versions. */

import { access, unlink } from 'fs';
import { process } from 'uloop';
import { cursor } from 'uci';
import { answerJob } from './actions.ts';
import { checkNumber, checkText, checkVersion } from './checks.ts';
import { daemon, uptime, withPeers } from './daemon.ts';
import { decodeDns } from './dns-message.ts';
import { failJob, finishJob, startJob } from './jobs.ts';
import type { Job } from './jobs.ts';
import { call, callAll, encode, request } from './localapi.ts';
import { parseMetrics, rates } from './metrics.ts';
import type { Sample } from './metrics.ts';
import { toPeer } from './peers.ts';
import { describe } from './preferences.ts';
import { runProgram } from './programs.ts';
import { hideNames } from './pseudonyms.ts';
import { refuse } from './server.ts';
import type { Answer, Method } from './server.ts';
import { showStatus } from './status.ts';
import { cut, parse } from './text.ts';
import { pin, restartDaemon, startUpdate, versionBefore } from './versions.ts';

const CLI = '/tmp/tailscale-ram/bin/tailscale';
/** Fetches the command line tool, if it is not in RAM and there is room. */
const CLI_STUB = '/usr/sbin/tailscale';

/** A job for `work`, which gets it; the answer is its number. */
function begin(method: string, answer: Answer, work: (job: Job) => void): void {
  let job = startJob(method);
  answerJob(answer)(job ? null : { code: 'too-many-jobs', detail: '' }, job);
  if (job) work(job);
}

/** What the daemon itself knows of the network, where the command line tool cannot measure. */
function knownNetwork(): object {
  return {
    source: 'daemon',
    relay: cut(daemon.status?.Self?.Relay, 16) || null,
    addresses: daemon.status?.Self?.Addrs ?? [],
    warnings: map(values(daemon.warnings), (warning) => cut(warning.Text, 500))
  };
}

function netcheck(_args: unknown, answer: Answer): void {
  begin('netcheck', answer, (job) => {
    let fetched = !access(CLI, 'x');
    job.cancel = runProgram([CLI_STUB, 'netcheck', '--format=json'], (code, output) => {
      let start = index(output, '{');
      let report = code == 0 && start >= 0 ? parse(substr(output, start)) : null;
      if (report) finishJob(job, { source: 'tailscale', fetched, report });
      else if (daemon.reachable) finishJob(job, knownNetwork());
      else failJob(job, { code: 'daemon-unreachable', detail: '' });
    });
  });
}

const QUERY_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'];

function dnsQuery(args: { name?: unknown; type?: unknown }, answer: Answer): void {
  let name = checkText(args.name, 254);
  let kind = uc(cut(args.type ?? 'A', 8));
  if (name.error) {
    answer(refuse({ ...name.error, field: 'name' }));
  } else if (index(QUERY_TYPES, kind) < 0) {
    answer(refuse({ code: 'out-of-range', detail: join(', ', QUERY_TYPES), field: 'type' }));
  } else {
    call('GET', `dns-query?name=${encode(name.value)}&type=${kind}`, null, (failure, value) => {
      let reply = value as { Bytes?: string; Resolvers?: { Addr?: string }[] } | null;
      if (failure) answer(refuse(failure));
      else
        answer({
          ...(decodeDns(cut(reply?.Bytes, 65536)) ?? {}),
          resolvers: map(reply?.Resolvers ?? [], (resolver) => cut(resolver.Addr, 64))
        });
    });
  }
}

function derpTest(args: { region?: unknown }, answer: Answer): void {
  let region = checkNumber(args.region, 1, 65535);
  if (region.error) {
    answer(refuse({ ...region.error, field: 'region' }));
    return;
  }
  begin('derp_test', answer, (job) => {
    let options = { method: 'POST', path: `debug-derp-region?region=${region.value}`, timeout: 60000 };
    job.cancel = request(options, (failure, text) => {
      let report = parse(text) as Record<string, unknown> | null;
      if (failure) failJob(job, failure);
      else
        finishJob(job, {
          info: report?.Info ?? [],
          warnings: report?.Warnings ?? [],
          errors: report?.Errors ?? []
        });
    });
  });
}

let samples: Sample[] = [];
let sampled_at = 0;

/** Rates are those since the call before, if that was within the last minute. */
function metrics(_args: unknown, answer: Answer): void {
  request({ method: 'GET', path: 'usermetrics' }, (failure, text) => {
    if (failure) {
      answer(refuse(failure));
      return;
    }
    let now = uptime();
    let before = now - sampled_at < 60000 ? samples : [];
    let seconds = (now - sampled_at) / 1000.0;
    samples = parseMetrics(text);
    sampled_at = now;
    answer({ metrics: samples, rates: rates(before, samples, seconds) });
  });
}

/** The last lines of ours in the router's log. */
function readLog(count: number, done: (lines: string[]) => void): void {
  runProgram(['/sbin/logread', '-l', '2000'], (_code, output) => {
    let ours = filter(split(output, '\n'), (line) => match(line, /tailscale| (bootstrap|agent)\[/));
    done(slice(ours, -count));
  });
}

function log(args: { lines?: unknown }, answer: Answer): void {
  let count = checkNumber(args.lines ?? 100, 1, 1000);
  if (count.error) answer(refuse({ ...count.error, field: 'lines' }));
  else
    readLog(count.value, (lines) => {
      answer({ lines });
    });
}

/** Everything that helps to find what is wrong; names, owners and addresses as pseudonyms unless asked otherwise. */
function report(args: { names?: unknown }, answer: Answer): void {
  readLog(300, (lines) => {
    withPeers((rows) => {
      let peers = rows ?? [];
      let status = showStatus();
      let all = {
        status,
        preferences: describe(daemon.prefs ?? {}, status.version ?? ''),
        health: daemon.warnings,
        peers: map(slice(peers, 0, 100), toPeer),
        log: lines
      };
      let names = {
        peers: map(peers, (row) => [row[1], row[2], ...row[3]]),
        users: map(uniq(map(peers, (row) => `${row[5] ?? ''}`)), (user) => [user]),
        tailnets: [status.tailnet?.name ?? '', status.tailnet?.suffix ?? '']
      };
      if (status.self) {
        push(names.peers, [status.self.name, status.self.host_name, ...status.self.addresses]);
        push(names.users, [status.self.owner ?? '']);
      }
      answer({ report: hideNames(all, names, args.names == true) });
    });
  });
}

function update(_args: unknown, answer: Answer): void {
  startUpdate('update', '', answerJob(answer));
}

function rollback(_args: unknown, answer: Answer): void {
  let version = versionBefore();
  if (!version) answer(refuse({ code: 'not-found', detail: 'no other version has run well here' }));
  else if (!pin(version)) answer(refuse({ code: 'internal', detail: 'nothing can be written to flash' }));
  else startUpdate('rollback', version, answerJob(answer));
}

function pinVersion(args: { version?: unknown }, answer: Answer): void {
  let version = args.version == '' ? { value: '' } : checkVersion(args.version);
  if (version.value == null) answer(refuse({ ...version.error, field: 'version' }));
  else if (pin(version.value)) answer({});
  else answer(refuse({ code: 'internal', detail: 'nothing can be written to flash' }));
}

function setBuild(_args: unknown, answer: Answer): void {
  answer(refuse({ code: 'unsupported', detail: 'there is only the official build so far' }));
}

/** The node is gone for good: from the control server, if it can be reached, and from flash. */
function forgetIdentity(_args: unknown, answer: Answer): void {
  callAll([['POST', 'logout']], () => {
    let file = cursor()?.get('tailscale-ram', 'main', 'state_file') ?? '/etc/tailscale/tailscaled.state';
    unlink(file as string);
    restartDaemon();
    answer({});
  });
}

/** The bootstrap tries again at once. */
function retry(_args: unknown, answer: Answer): void {
  let done = (code: number): void => {
    answer(code == 0 ? {} : refuse({ code: 'conflict', detail: 'nothing is waiting' }));
  };
  if (!process('/usr/libexec/tailscale-ram/wake', [], {}, done))
    answer(refuse({ code: 'internal', detail: 'no process can be started' }));
}

const works = {
  netcheck: { call: netcheck },
  dns_query: { args: { name: '', type: '' }, call: dnsQuery },
  derp_test: { args: { region: 0 }, call: derpTest },
  metrics: { call: metrics },
  log: { args: { lines: 0 }, call: log },
  report: { args: { names: true }, call: report },
  update: { call: update },
  rollback: { call: rollback },
  pin: { args: { version: '' }, call: pinVersion },
  set_build: { args: { build: '' }, call: setBuild },
  forget_identity: { call: forgetIdentity },
  retry: { call: retry }
} as unknown as Record<string, Method>;

export { works };
