import { uptime } from 'node:os';
import type { ErrorCode } from '../../src/shared/errors.ts';
import type { Status } from '../../src/shared/status.ts';
import type { Answers } from './canned.ts';
import type { PageName } from './pages.ts';
import {
  answersOf,
  bootstrap,
  findings,
  networkReport,
  problem,
  settings,
  status,
  withoutDaemon
} from './sample.ts';
import { day, devices, now } from './sample-devices.ts';

/** What a page can look like, and what its agent says then. */
export interface State {
  page: PageName;
  answers: Answers;
  /** The buttons to press first, by what is on them; what is folded is opened by its title. */
  press?: readonly string[];
  readonly?: true;
  /** How long to wait before there is anything to see: 1.5 unless told. */
  seconds?: number;
}

const total = 29_000_000;
const running = status();
const admin = 'https://login.tailscale.com/admin/machines/100.101.102.103';
const loggedOut = status({
  state: 'NeedsLogin',
  self: null,
  tailnet: null,
  traffic: null,
  routes: { offered: [], approved: [] },
  problems: [problem('logged-out', 'error', {}, 'login')]
});

/** By name, which begins with that of the page. Those that a real agent comes into seldom, or not for long. */
export const states: Readonly<Record<string, State>> = {
  'status-running': { page: 'status', answers: answersOf(busy), seconds: 40 },
  'status-readonly': { page: 'status', answers: answersOf(running), readonly: true },
  'status-waiting-network': of(
    withoutDaemon({ bootstrap: bootstrap({ phase: 'waiting-network', version: null, arch: null }) })
  ),
  'status-downloading': {
    page: 'status',
    answers: answersOf(downloading)
  },
  'status-memory-low': { page: 'status', answers: answersOf(() => failing('memory-low', 'blocked', 600)) },
  'status-checksum-mismatch': {
    page: 'status',
    answers: answersOf(() => failing('checksum-mismatch', 'retrying', 25))
  },
  'status-logged-out': of(loggedOut),
  'status-login-link': of({ ...loggedOut, login_url: 'https://login.tailscale.com/a/1a2b3c4d5e6f' }),
  'status-approval-needed': of(
    status({ state: 'NeedsMachineAuth', problems: [problem('approval-needed', 'error', { admin })] })
  ),
  'status-disconnected': of(status({ state: 'Stopped' })),
  'status-exit-node': of(status({ exit_node: { id: 'nDevice4CNTRL', name: 'vienna', online: true } })),
  'status-exit-node-offline': of(
    status({
      exit_node: { id: 'nDevice4CNTRL', name: 'vienna', online: false },
      problems: [problem('exit-node-offline', 'error', { name: 'vienna' }, 'exit_node')]
    })
  ),
  'status-exit-node-choice': { ...of(running), press: ['Choose …'] },
  'status-to-confirm': of(status({ unconfirmed: { job: 7, method: 'exit_node', seconds: 74 } })),
  'status-builds': {
    page: 'status',
    answers: {
      ...answersOf(
        status({
          memory: { daemon: 13e6, agent: 2e6, files: 7e6, total: 64e6, free: 31e6 },
          bootstrap: bootstrap({ build: 'compact-ssh' })
        })
      ),
      settings: {
        preferences: settings('compact-ssh'),
        router: { enabled: '1', mirror: ['https://example.com'] }
      }
    }
  },
  'status-problems': of(
    status({
      self: running.self && { ...running.self, key_expiry: now + 3.5 * day },
      newest: { version: '1.102.7', security: true },
      routes: { offered: ['192.168.1.0/24', '10.9.0.0/24'], approved: ['192.168.1.0/24'] },
      problems: [
        problem('key-expires-soon', 'warning', { expiry: now + 3.5 * day, days: 3, admin }, 'reauth'),
        problem('routes-unapproved', 'warning', { routes: ['10.9.0.0/24'], count: 1, admin }),
        problem('no-udp', 'warning'),
        problem('zone-missing', 'warning', { zone: 'camping' }),
        problem('security-update', 'warning', { version: '1.102.5', newest: '1.102.7' }, 'update')
      ]
    })
  ),
  'status-agent-away': { page: 'status', answers: {} },
  'devices-usual': { page: 'devices', answers: answersOf(running) },
  'devices-none': { page: 'devices', answers: answersOf(running, []) },
  'devices-thousand': { page: 'devices', answers: answersOf(running, devices(1000)) },
  'settings-usual': { page: 'settings', answers: answersOf(running) },
  'settings-readonly': { page: 'settings', answers: answersOf(running), readonly: true },
  'diagnostics-usual': { page: 'diagnostics', answers: answersOf(running) },
  'diagnostics-measured': { page: 'diagnostics', answers: answersOf(running), press: ['Measure'] },
  'diagnostics-findings': {
    page: 'diagnostics',
    answers: { ...answersOf(running), network: networkReport(findings) }
  },
  'diagnostics-readonly': {
    page: 'diagnostics',
    answers: { ...answersOf(running), network: networkReport(findings) },
    readonly: true
  },
  'overview-running': { page: 'overview', answers: answersOf(running) },
  'overview-problem': {
    page: 'overview',
    answers: answersOf(
      status({
        problems: [problem('key-expires-soon', 'warning', { expiry: now + 3.5 * day, days: 3, admin })]
      })
    )
  },
  'overview-logged-out': { page: 'overview', answers: answersOf(loggedOut) }
};

function of(state: Status): State {
  return { page: 'status', answers: answersOf(state) };
}

/** More comes than goes, now less, now more. */
function busy(): Status {
  const seconds = Date.now() / 1000 - now;
  const received = 3_124_000_000 + Math.floor((2 * seconds + 5 * Math.sin(seconds / 4)) * 600_000);
  return status({ traffic: { received, sent: 211_000_000 + Math.floor(seconds * 80_000) } });
}

/** For three seconds now. */
function failing(code: ErrorCode, phase: 'blocked' | 'retrying', retry_in: number): Status {
  const detail = code === 'memory-low' ? '61 MB needed, 31 MB free' : '';
  const since = Math.floor(uptime()) - 3;
  return withoutDaemon({
    bootstrap: bootstrap({ phase, since, attempt: 4, retry_in, error: { code, detail } }),
    problems: [problem(code, phase === 'blocked' ? 'error' : 'warning', { detail }, 'retry')]
  });
}

/** It gets on, at 2.4 megabytes a second. */
function downloading(): Status {
  const bytes = 12_000_000 + ((Date.now() / 1000) % 6) * 2_400_000;
  return withoutDaemon({
    bootstrap: bootstrap({ phase: 'downloading', bytes: Math.floor(bytes), total })
  });
}
