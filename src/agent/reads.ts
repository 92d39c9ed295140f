/** The methods that only tell. */

import { unlink, writefile } from 'fs';
import { cursor } from 'uci';
import { checkId, checkNumber, checkSwitch, checkText, fail } from './checks.ts';
import type { Checked } from './checks.ts';
import { daemon, uptime, withPeers } from './daemon.ts';
import { RUN_DIR } from './flash.ts';
import { findJob, isRunning, showJob } from './jobs.ts';
import { call, request } from './localapi.ts';
import { parseMetrics, rates } from './metrics.ts';
import { fields, findDevice, orderBy, toPage, toPeer, unpackAll } from './peers.ts';
import type { Devices, Query, Row } from './peers.ts';
import { describe } from './preferences.ts';
import { REPORT, runProgram } from './programs.ts';
import type { Answer, Argument, Method } from './server.ts';
import { showStatus } from './status.ts';
import { cut, cutAll, fault, parse } from './text.ts';
import { whatRuns, updateProgress } from './versions.ts';

const UNREACHABLE = fault('daemon-unreachable');

/** An argument that is a number. */
function numberFrom(lowest: number, highest: number, otherwise?: number): Argument {
  let check = (value: unknown): Checked<unknown> => checkNumber(value, lowest, highest);
  return otherwise == null ? { sample: 0, check } : { sample: 0, check, otherwise };
}

/** An argument that is one of these words. */
function oneOf(words: readonly string[], otherwise: string): Argument {
  return {
    otherwise,
    check: (value): Checked<unknown> =>
      index(words, value) < 0 ? fail('out-of-range', join(', ', words)) : { value }
  };
}

const id: Argument = { check: checkId };

/** `found` gets the devices; if the daemon does not tell, `answer` says so. */
function withAllPeers(answer: Answer, found: (devices: Devices) => void): void {
  withPeers((devices) => {
    if (devices) found(devices);
    else answer(UNREACHABLE);
  });
}

function peers(args: Query, answer: Answer): void {
  withAllPeers(answer, (devices) => {
    answer(null, toPage(devices, args));
  });
}

/** `found` gets the device of this ID; if there is none, `answer` says so. */
function withPeer(wanted: string, answer: Answer, found: (row: Row) => void): void {
  withAllPeers(answer, (devices) => {
    let row = findDevice(devices, wanted);
    if (row) found(row);
    else answer(fault('not-found'));
  });
}

function peer(args: { id: string }, answer: Answer): void {
  withPeer(args.id, answer, (row) => {
    answer(null, toPeer(row));
  });
}

function exitNodes(_args: unknown, answer: Answer): void {
  withAllPeers(answer, (devices) => {
    let nodes = filter(unpackAll(devices), (row) => row[18]);
    // By country and city, and by name within one.
    let order = orderBy(nodes, (row) => `${row[20] ?? ''}\t${row[21] ?? ''}`);
    answer(null, {
      used: cut(daemon.prefs?.ExitNodeID, 64) || null,
      auto: cut(daemon.prefs?.AutoExitNode, 16) != '',
      exit_nodes: map(slice(order, 0, 500), (i) => {
        let row = nodes[i] as Row;
        return { id: row[0], name: row[1], online: row[7], country: row[20], city: row[21] };
      })
    });
  });
}

/** `done` gets what LocalAPI has under this path; if it has nothing, `answer` says why. */
function ask(path: string, answer: Answer, done: (value: unknown) => void): void {
  call('GET', path, null, (failure, value) => {
    if (failure) answer(failure);
    else done(value);
  });
}

/** What tailscale calls ipn.LoginProfile. */
interface Profile {
  ID?: string;
  Name?: string;
  ControlURL?: string;
  NetworkProfile?: { DomainName?: string };
  UserProfile?: { LoginName?: string };
}

/** All of them, and the number of the one in use: empty as long as nothing of it was saved. */
function withProfiles(answer: Answer, done: (list: Profile[], current: string) => void): void {
  ask('profiles/current', answer, (current) => {
    ask('profiles/', answer, (list) => {
      done(slice((list ?? []) as Profile[], 0, 100), cut((current as Profile | null)?.ID, 16));
    });
  });
}

function profiles(_args: unknown, answer: Answer): void {
  withProfiles(answer, (list, current) => {
    answer(null, {
      current: current || null,
      profiles: map(list, (profile) => ({
        id: cut(profile.ID, 16),
        name: cut(profile.Name, 254),
        login_server: cut(profile.ControlURL, 255),
        tailnet: cut(profile.NetworkProfile?.DomainName, 254),
        owner: cut(profile.UserProfile?.LoginName, 254)
      }))
    });
  });
}

interface DerpMap {
  Regions?: Record<string, { RegionID: number; RegionCode: string; RegionName: string; Nodes?: unknown[] }>;
}

function derp(_args: unknown, answer: Answer): void {
  ask('derpmap', answer, (derpmap) => {
    answer(null, {
      home: cut(daemon.status?.Self?.Relay, 16) || null,
      regions: map(slice(values((derpmap as DerpMap | null)?.Regions ?? {}), 0, 500), (region) => ({
        id: region.RegionID,
        code: cut(region.RegionCode, 16),
        name: cut(region.RegionName, 64),
        nodes: length(region.Nodes ?? [])
      }))
    });
  });
}

/** Tailscale's own preferences, and what /etc/config/tailscale-ram says of the router. */
function settings(_args: unknown, answer: Answer): void {
  let section: Record<string, unknown> = cursor()?.get_all('tailscale-ram', 'main') ?? {};
  let router: Record<string, unknown> = {};
  for (let name in section) if (substr(name, 0, 1) != '.') router[name] = section[name];
  let known = daemon.reachable && daemon.prefs;
  answer(null, { preferences: known ? describe(known, whatRuns()) : null, router });
}

let sampled = '';
let sampled_at = 0;

/** Rates are those since the call before, if that was within the last minute. */
function metrics(_args: unknown, answer: Answer): void {
  request({ method: 'GET', path: 'usermetrics' }, (failure, text) => {
    if (failure) {
      answer(failure);
      return;
    }
    let now = uptime();
    let seconds = now - sampled_at;
    let before = seconds < 60 ? parseMetrics(sampled) : [];
    let samples = parseMetrics(text);
    sampled = text;
    sampled_at = now;
    answer(null, { metrics: samples, rates: rates(before, samples, seconds) });
  });
}

function job(args: { id: number }, answer: Answer): void {
  let found = findJob(args.id);
  if (!found) {
    answer(fault('not-found'));
    return;
  }
  if (isRunning(found) && match(found.method, /update|rollback/)) found.progress = updateProgress() ?? {};
  answer(null, showJob(found));
}

/** The last lines of ours in the router's log, of which no reply gets too long. */
function readLog(count: number, done: (lines: string[]) => void): void {
  runProgram(['/sbin/logread', '-l', '2000'], (_code, output) => {
    let ours = filter(split(output, '\n'), (line) => match(line, /tailscale| (bootstrap|agent)\[/));
    done(cutAll(slice(ours, -count), count, int(200000 / count)));
  });
}

function log(args: { lines: number }, answer: Answer): void {
  readLog(args.lines, (lines) => {
    answer(null, { lines });
  });
}

/** What the daemon says of itself. */
function healthTexts(): string[] {
  return map(slice(values(daemon.warnings), 0, 40), (warning) => cut(warning.Text, 500));
}

/** Everything that helps to find what is wrong; names, owners and addresses as pseudonyms unless asked otherwise. */
function report(args: { names: boolean }, answer: Answer): void {
  readLog(300, (lines) => {
    withPeers((known) => {
      let devices = known ? unpackAll(known) : [];
      let state = showStatus();
      let names = {
        peers: map(devices, (row) => [row[1], row[2], ...row[3]]),
        users: map(uniq(map(devices, (row) => row[5] ?? '')), (user) => [user]),
        tailnets: [state.tailnet?.name ?? '', state.tailnet?.suffix ?? '']
      };
      if (state.self) {
        push(names.peers, [state.self.name, state.self.host_name, ...state.self.addresses]);
        push(names.users, [state.self.owner ?? '']);
      }
      let all = {
        status: state,
        preferences: describe(daemon.prefs ?? {}, whatRuns()),
        health: healthTexts(),
        peers: map(slice(devices, 0, 40), toPeer),
        log: lines
      };
      let file = `${RUN_DIR}/report${(clock() as number[])[1] as number}`;
      writefile(file, sprintf('%J', [all, names, args.names]));
      runProgram([REPORT, file], (_code, output) => {
        unlink(file);
        answer(null, { report: parse(output) });
      });
    });
  });
}

const reads = {
  status: {
    call: (_args: unknown, answer: Answer) => {
      answer(null, showStatus());
    }
  },
  peers: {
    args: {
      search: { otherwise: '', check: (value: unknown) => checkText(value, 254) },
      sort: oneOf(fields, 'name'),
      offset: numberFrom(0, 1000000, 0),
      limit: numberFrom(1, 500, 100),
      online: { sample: true, otherwise: null, check: checkSwitch }
    },
    call: peers
  },
  peer: { args: { id }, call: peer },
  settings: { call: settings },
  exit_nodes: { call: exitNodes },
  profiles: { call: profiles },
  derp: { call: derp },
  metrics: { call: metrics },
  job: { args: { id: numberFrom(1, 2147483647) }, call: job },
  log: { args: { lines: numberFrom(1, 1000, 100) }, call: log },
  report: { args: { names: { sample: true, otherwise: false, check: checkSwitch } }, call: report }
} as unknown as Record<string, Method>;

export { ask, healthTexts, id, numberFrom, oneOf, reads, UNREACHABLE, withPeer, withProfiles };
