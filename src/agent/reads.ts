/** The methods that only tell. */

import { cursor } from 'uci';
import { checkId, checkNumber, checkSwitch, checkText, fail } from './checks.ts';
import type { Checked } from './checks.ts';
import { daemon, uptime, withPeers } from './daemon.ts';
import { findJob, isRunning, showJob } from './jobs.ts';
import { call, request } from './localapi.ts';
import { parseMetrics, rates } from './metrics.ts';
import { fields, toPage, toPeer, unpackAll } from './peers.ts';
import type { Devices, Query, Row } from './peers.ts';
import { describe } from './preferences.ts';
import { runProgram } from './programs.ts';
import { hideNames } from './pseudonyms.ts';
import type { Answer, Argument, Method } from './server.ts';
import { showStatus } from './status.ts';
import { cut, cutAll } from './text.ts';
import { runningVersion, updateProgress } from './versions.ts';

const UNREACHABLE = { code: 'daemon-unreachable', detail: '' } as const;

/** An argument that is a number. */
function numberFrom(lowest: number, highest: number, otherwise?: number): Argument {
  let argument: Argument = { sample: 0, check: (value) => checkNumber(value, lowest, highest) };
  if (otherwise != null) argument.otherwise = otherwise;
  return argument;
}

/** An argument that is one of these words. */
function oneOf(words: readonly string[], otherwise: string): Argument {
  return {
    sample: '',
    otherwise,
    check: (value): Checked<unknown> =>
      index(words, value) < 0 ? fail('out-of-range', join(', ', words)) : { value }
  };
}

const id: Argument = { sample: '', check: checkId };

function status(_args: unknown, answer: Answer): void {
  answer(null, showStatus());
}

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
    let row = filter(unpackAll(devices), (peer) => peer[0] == wanted)[0];
    if (row) found(row);
    else answer({ code: 'not-found', detail: 'no such device' });
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
    let places = sort(map(nodes, (row, i) => `${row[20] ?? ''}\t${row[21] ?? ''}\t${lc(row[1])}\t${i}`));
    answer(null, {
      used: cut(daemon.prefs?.ExitNodeID, 64) || null,
      auto: cut(daemon.prefs?.AutoExitNode, 16) != '',
      exit_nodes: map(slice(places, 0, 500), (place) => {
        let row = nodes[int(substr(place, rindex(place, '\t') + 1))] as Row;
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
  answer(null, { preferences: known ? describe(known, runningVersion() ?? '') : null, router });
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
    let before = now - sampled_at < 60000 ? parseMetrics(sampled) : [];
    let seconds = (now - sampled_at) / 1000.0;
    let samples = parseMetrics(text);
    sampled = text;
    sampled_at = now;
    answer(null, { metrics: samples, rates: rates(before, samples, seconds) });
  });
}

function job(args: { id: number }, answer: Answer): void {
  let found = findJob(args.id);
  if (!found) {
    answer({ code: 'not-found', detail: 'no such job' });
    return;
  }
  if (isRunning(found) && index(['update', 'rollback'], found.method) >= 0)
    found.progress = updateProgress() ?? {};
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
        preferences: describe(daemon.prefs ?? {}, state.version ?? ''),
        health: map(slice(values(daemon.warnings), 0, 40), (warning) => cut(warning.Text, 500)),
        peers: map(slice(devices, 0, 40), toPeer),
        log: lines
      };
      answer(null, { report: hideNames(all, names, args.names) });
    });
  });
}

const reads = {
  status: { call: status },
  peers: {
    args: {
      search: { sample: '', otherwise: '', check: (value: unknown) => checkText(value, 254) },
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

export { ask, id, numberFrom, oneOf, reads, withPeer, withProfiles };
