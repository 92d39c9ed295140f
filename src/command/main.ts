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
  report [--names]        what helps to find what is wrong
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
const words = filter(ARGV, (word) => word != '--json');
const as_json = length(words) < length(ARGV);
const command = words[0] ?? '';
const args = slice(words, 1);

function fail(code: number, text: string): never {
  warn(`${text}\n`);
  exit(code);
}

/** One line, whatever somebody else's machine is called. */
function plain(value: string | number): string {
  return replace(`${value}`, /[[:cntrl:]]/g, '?');
}

function refuse(error: AgentError): never {
  fail(FAILED, plain(`${error.code}${error.field ? ` (${error.field})` : ''}: ${error.detail}`));
}

function call(method: string, args: object): Record<string, unknown> {
  let reply = connection?.call('tailscale-ram', method, args) as Record<string, unknown> | null;
  if (!reply) fail(ABSENT, 'The agent does not answer: `service tailscale-ram start`.');
  let error = reply.error as AgentError | null;
  // A job that failed has one, too, and is told otherwise.
  if (error && reply.job == null) refuse(error);
  return reply;
}

function showStatus(): void {
  let status = call('status', {}) as unknown as Status;
  let code = status.state == 'Running' ? 0 : FAILED;
  let self = status.self;
  let bootstrap = status.bootstrap;
  let node = status.exit_node;
  let unconfirmed = status.unconfirmed;
  if (as_json) {
    print(status, '\n');
    exit(code);
  }
  let show = (name: string, value: string | number | null | undefined): void => {
    if (value) printf('%-12s %s\n', name, plain(value));
  };
  show('State', status.state ?? bootstrap?.phase ?? 'not running');
  if (bootstrap?.phase == 'downloading')
    show('Fetched', `${bootstrap.bytes} of ${bootstrap.total ?? '?'} bytes`);
  show('Version', status.version);
  show('Newer', status.newest?.version);
  show('Log in at', status.login_url);
  show('Name', self?.name);
  show('Addresses', self && join(', ', self.addresses));
  show('Tailnet', status.tailnet?.name);
  let expiry = self?.key_expiry ? gmtime(self.key_expiry) : null;
  show('Key expires', expiry && sprintf('%04d-%02d-%02d', expiry.year, expiry.mon, expiry.mday));
  show('Exit node', node && (node.name ?? node.id));
  show('Routes', join(', ', status.routes.offered));
  show('To confirm', unconfirmed && `job ${unconfirmed.job}, ${unconfirmed.seconds} s left`);
  map(status.problems, (problem) => {
    show(problem.severity, join(' ', [problem.code, ...values(problem.arguments)]));
  });
  exit(code);
}

/** Follows a job to its end. */
function follow(started: Record<string, unknown>): void {
  let shown = '';
  for (;;) {
    let job = call('job', { id: started.job }) as unknown as Job;
    if (job.state != 'running') {
      if (as_json) print(job, '\n');
      else if (job.error) refuse(job.error);
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
function option(name: string): string {
  let start = `--${name}=`;
  return substr(filter(args, (word) => index(word, start) == 0)[0] ?? '', length(start));
}

function login(): void {
  let file = option('auth-key-file');
  let key = file == '' ? '' : file == '-' ? stdin.read('line') : readfile(file, 4096);
  if (key == null) fail(FAILED, `${plain(file)} cannot be read.`);
  follow(call('login', { login_server: option('login-server'), auth_key: trim(key) }));
}

const SWITCHES: Record<string, boolean> = {
  true: true,
  on: true,
  '1': true,
  false: false,
  off: false,
  '0': false
};

/** A value of the type that the preference has now. */
function valueLike(known: unknown, text: string): unknown {
  switch (type(known)) {
    case 'bool':
      return SWITCHES[text] ?? text;
    case 'array':
      return text == '' ? [] : split(text, ',');
    case 'string':
      return text;
    default:
      return text == '' ? null : match(text, /^[0-9]+$/) ? int(text) : text;
  }
}

function set(): void {
  let known = call('settings', {}).preferences as Record<string, { value: unknown }> | null;
  let preferences: Record<string, unknown> = {};
  map(args, (argument) => {
    let pair = match(argument, /^([^=]+)=(.*)$/);
    if (!pair) fail(MISUSED, USAGE);
    let name = pair[1] as string;
    preferences[name] = valueLike(known?.[name]?.value, pair[2] as string);
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

let restart = (): void => {
  follow(call(command, {}));
};
let commands: Record<string, () => void> = {
  status: showStatus,
  login,
  set,
  confirm: () => {
    call(command, { job: int(args[0]) || 0 });
  },
  update: restart,
  rollback: restart,
  report: () => {
    print(call(command, { names: index(args, '--names') >= 0 }).report, '\n');
  }
};
let run = commands[command];
if (run) run();
else fail(MISUSED, USAGE);
