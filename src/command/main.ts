/** `tailscale-ram`: the agent on the command line, for people on SSH. */

import { readfile, stdin } from 'fs';
import { connect } from 'ubus';
import type { AgentError } from '../shared/agent-errors.ts';
import type { Status } from '../shared/status.ts';
import { drawCode } from './qr.ts';

const USAGE = `usage: tailscale-ram COMMAND [--json]

  status                  how it stands; exit code 0 if connected
  login [--login-server=URL] [--auth-key-file=FILE]
                          by a link, or with the key in a file (- for standard input)
  set NAME=VALUE...       preferences, such as hostname=router advertise_routes=192.168.1.0/24,fd00::/64
  confirm JOB             keep a change that would be undone
  update                  fetch the newest version and restart into it
  rollback                back to the version that ran well before, and stay with it
  report [--names]        everything that helps to find what is wrong, without names
`;

/** What it ends with: something failed, it was used wrongly, the agent does not answer. */
const FAILED = 1;
const MISUSED = 2;
const ABSENT = 3;

interface Job {
  job: number;
  state: string;
  progress: { login_url?: string; error?: string; bytes?: number; total?: number; phase?: string };
  result: Record<string, unknown> | null;
  error: AgentError | null;
}

const connection = connect();
let as_json = false;

function fail(code: number, text: string): never {
  warn(`${text}\n`);
  exit(code);
}

/** One line, whatever somebody else's machine is called. */
function plain(value: string | number): string {
  return replace(`${value}`, /[[:cntrl:]]/g, '?');
}

function call(method: string, args: object): Record<string, unknown> {
  let reply = connection?.call('tailscale-ram', method, args) as Record<string, unknown> | null;
  if (!reply) fail(ABSENT, 'The agent does not answer: `service tailscale-ram start`.');
  let error = reply.error as AgentError | null;
  // A job that failed has one, too, and is told otherwise.
  if (error && reply.job == null)
    fail(FAILED, plain(`${error.code}${error.field ? ` (${error.field})` : ''}: ${error.detail}`));
  return reply;
}

function showStatus(): void {
  let status = call('status', {}) as unknown as Status;
  let connected = status.state == 'Running';
  if (as_json) {
    print(status, '\n');
    exit(connected ? 0 : FAILED);
  }
  let show = (name: string, value: string | number | null | undefined): void => {
    if (value != null && value != '') printf('%-12s %s\n', name, plain(value));
  };
  show('State', status.state ?? status.bootstrap?.phase ?? 'not running');
  if (status.bootstrap?.phase == 'downloading')
    show('Fetched', `${status.bootstrap.bytes} of ${status.bootstrap.total ?? '?'} bytes`);
  show('Version', status.version);
  show('Newer', status.newest?.version);
  show('Log in at', status.login_url);
  show('Name', status.self?.name);
  show('Addresses', status.self && join(', ', status.self.addresses));
  show('Tailnet', status.tailnet?.name);
  let expiry = status.self?.key_expiry ? gmtime(status.self.key_expiry) : null;
  show('Key expires', expiry && sprintf('%04d-%02d-%02d', expiry.year, expiry.mon, expiry.mday));
  show('Exit node', status.exit_node && (status.exit_node.name ?? status.exit_node.id));
  show('Routes', join(', ', status.routes.offered));
  show(
    'To confirm',
    status.unconfirmed && `job ${status.unconfirmed.job}, ${status.unconfirmed.seconds} s left`
  );
  map(status.problems, (problem) => {
    show(problem.severity, join(' ', [problem.code, ...values(problem.arguments)]));
  });
  exit(connected ? 0 : FAILED);
}

/** Follows a job to its end. */
function follow(started: Record<string, unknown>): void {
  let shown = '';
  for (;;) {
    let job = call('job', { id: started.job }) as unknown as Job;
    if (job.state != 'running') {
      if (as_json) print(job, '\n');
      else if (job.error) warn(`${plain(job.error.code)}: ${plain(job.error.detail)}\n`);
      else print(`${job.state}\n`);
      exit(job.state == 'done' ? 0 : FAILED);
    }
    let progress = job.progress;
    let now = progress.login_url ?? progress.phase ?? '';
    if (progress.total) now = `${now} ${int((100 * (progress.bytes ?? 0)) / progress.total)} %`;
    if (now != shown) {
      warn(`${plain(progress.login_url ? `To log in, open ${now}` : now)}\n`);
      if (progress.login_url && !as_json) warn(`\n${drawCode(now)}\n`);
    }
    shown = now;
    sleep(500);
  }
}

/** The value of `--NAME=…`; empty if it is not there. */
function option(args: readonly string[], name: string): string {
  let start = `--${name}=`;
  let found = filter(args, (argument) => index(argument, start) == 0)[0];
  return found ? substr(found, length(start)) : '';
}

function login(args: readonly string[]): void {
  let file = option(args, 'auth-key-file');
  let key = file == '' ? '' : file == '-' ? stdin.read('line') : readfile(file, 4096);
  if (key == null) fail(FAILED, `${plain(file)} cannot be read.`);
  follow(call('login', { login_server: option(args, 'login-server'), auth_key: trim(key) }));
}

/** A value of the type that the preference has now. */
function valueLike(known: unknown, text: string): unknown {
  if (type(known) == 'bool')
    return text == 'true' || text == 'on' || text == '1'
      ? true
      : text == 'false' || text == 'off' || text == '0'
        ? false
        : text;
  if (type(known) == 'array') return text == '' ? [] : split(text, ',');
  if (type(known) == 'string') return text;
  return text == '' ? null : match(text, /^[0-9]+$/) ? int(text) : text;
}

function set(args: readonly string[]): void {
  let known = call('settings', {}).preferences as Record<string, { value: unknown }> | null;
  let preferences: Record<string, unknown> = {};
  map(args, (argument) => {
    let split_at = index(argument, '=');
    if (split_at < 1) fail(MISUSED, USAGE);
    let name = substr(argument, 0, split_at);
    preferences[name] = valueLike(known?.[name]?.value ?? null, substr(argument, split_at + 1));
  });
  let reply = call('set', { preferences });
  let refused = reply.not_taken as string[];
  let job = reply.job as number | null;
  if (as_json) print(reply, '\n');
  if (length(refused) > 0) fail(FAILED, `Tailscale did not take ${join(', ', refused)}.`);
  if (job == null) return;
  warn(`Undone in 90 s unless you press Enter now, or \`tailscale-ram confirm ${job}\`.\n`);
  if (stdin.isatty() && stdin.read('line') != '') call('confirm', { job });
}

let words = filter(ARGV, (word) => word != '--json');
let command = words[0] ?? '';
let rest = slice(words, 1);
as_json = length(words) < length(ARGV);
switch (command) {
  case 'status':
    showStatus();
    break;
  case 'login':
    login(rest);
    break;
  case 'set':
    set(rest);
    break;
  case 'confirm':
    call('confirm', { job: int(rest[0]) || 0 });
    break;
  case 'update':
  case 'rollback':
    follow(call(command, {}));
    break;
  case 'report':
    print(call('report', { names: index(rest, '--names') >= 0 }).report, '\n');
    break;
  default:
    fail(MISUSED, USAGE);
}
