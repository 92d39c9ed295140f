/** The methods that only tell. */

import { cursor } from 'uci';
import { checkId, checkText } from './checks.ts';
import { daemon, orderOfPeers, withPeers } from './daemon.ts';
import { findJob, isRunning, showJob } from './jobs.ts';
import { call } from './localapi.ts';
import { toPage, toPeer } from './peers.ts';
import type { Query, Row } from './peers.ts';
import { describe } from './preferences.ts';
import { refuse } from './server.ts';
import type { Answer, Method } from './server.ts';
import { showStatus } from './status.ts';
import { cut } from './text.ts';
import { runningVersion, updateProgress } from './versions.ts';

const unreachable = refuse({ code: 'daemon-unreachable', detail: '' });

function status(_args: unknown, answer: Answer): void {
  answer(showStatus());
}

function outOfRange(field: string): object {
  return refuse({ code: 'out-of-range', detail: '', field });
}

function peers(args: Query, answer: Answer): void {
  let search = checkText(args.search ?? '', 254);
  if (search.error) {
    answer(refuse({ ...search.error, field: 'search' }));
    return;
  }
  if ((args.offset ?? 0) < 0) answer(outOfRange('offset'));
  else if ((args.limit ?? 1) < 1) answer(outOfRange('limit'));
  else
    withPeers((rows) => {
      if (!rows) {
        answer(unreachable);
        return;
      }
      let order = orderOfPeers(args.sort ?? 'name');
      if (order) answer(toPage(rows, order, args));
      else answer(refuse({ code: 'not-found', detail: 'nothing to sort by', field: 'sort' }));
    });
}

/** By its ID. */
function findRow(rows: readonly Row[] | null, id: string): Row | null {
  return filter(rows ?? [], (row) => row[0] == id)[0] ?? null;
}

/** `found` gets the device of this ID; if there is none, `answer` says so. */
function withPeer(value: unknown, answer: Answer, found: (row: Row) => void): void {
  let id = checkId(value);
  if (id.error) {
    answer(refuse({ ...id.error, field: 'id' }));
    return;
  }
  withPeers((rows) => {
    let row = findRow(rows, id.value);
    if (row) found(row);
    else
      answer(
        rows ? refuse({ code: 'not-found', detail: 'no device has this ID', field: 'id' }) : unreachable
      );
  });
}

function peer(args: { id?: unknown }, answer: Answer): void {
  withPeer(args.id, answer, (row) => {
    answer(toPeer(row));
  });
}

function exitNodes(_args: unknown, answer: Answer): void {
  withPeers((rows) => {
    if (!rows) {
      answer(unreachable);
      return;
    }
    let nodes = filter(rows, (row) => row[18]);
    // By country and city, and by name within one.
    let places = sort(map(nodes, (row, i) => `${row[20] ?? ''}\t${row[21] ?? ''}\t${lc(row[1])}\t${i}`));
    answer({
      used: cut(daemon.prefs?.ExitNodeID, 64) || null,
      auto: cut(daemon.prefs?.AutoExitNode, 16) != '',
      exit_nodes: map(slice(places, 0, 1000), (place) => {
        let row = nodes[int(substr(place, rindex(place, '\t') + 1))] as Row;
        return { id: row[0], name: row[1], online: row[7], country: row[20], city: row[21] };
      })
    });
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

function profiles(_args: unknown, answer: Answer): void {
  call('GET', 'profiles/current', null, (failed, current) => {
    call('GET', 'profiles/', null, (failure, list) => {
      let wrong = failed ?? failure;
      if (wrong) {
        answer(refuse(wrong));
        return;
      }
      answer({
        current: cut((current as Profile | null)?.ID, 16) || null,
        profiles: map(slice((list ?? []) as Profile[], 0, 100), (profile) => ({
          id: cut(profile.ID, 16),
          name: cut(profile.Name, 254),
          login_server: cut(profile.ControlURL, 255),
          tailnet: cut(profile.NetworkProfile?.DomainName, 254),
          owner: cut(profile.UserProfile?.LoginName, 254)
        }))
      });
    });
  });
}

interface DerpMap {
  Regions?: Record<string, { RegionID: number; RegionCode: string; RegionName: string; Nodes?: unknown[] }>;
}

function derp(_args: unknown, answer: Answer): void {
  call('GET', 'derpmap', null, (failure, derpmap) => {
    if (failure) {
      answer(refuse(failure));
      return;
    }
    let regions = values((derpmap as DerpMap | null)?.Regions ?? {});
    answer({
      home: cut(daemon.status?.Self?.Relay, 16) || null,
      regions: map(slice(regions, 0, 500), (region) => ({
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
  answer({ preferences: known ? describe(known, runningVersion() ?? '') : null, router });
}

function job(args: { id?: number }, answer: Answer): void {
  let found = findJob(args.id ?? 0);
  if (!found) {
    answer(refuse({ code: 'not-found', detail: 'no job has this number', field: 'id' }));
    return;
  }
  if (isRunning(found) && index(['update', 'rollback'], found.method) >= 0)
    found.progress = updateProgress() ?? {};
  answer(showJob(found));
}

const reads = {
  status: { call: status },
  peers: { args: { search: '', sort: '', offset: 0, limit: 0, online: true }, call: peers },
  peer: { args: { id: '' }, call: peer },
  settings: { call: settings },
  exit_nodes: { call: exitNodes },
  profiles: { call: profiles },
  derp: { call: derp },
  job: { args: { id: 0 }, call: job }
} as unknown as Record<string, Method>;

export { reads, withPeer };
