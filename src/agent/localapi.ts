/**
 * tailscaled's LocalAPI: HTTP/1.0 over its socket, a connection for each request, each with a limit in time and
 * bytes. HTTP/1.0, because then nothing is chunked, and the end of a reply is the end of the connection.
 */

import { AF_UNIX, create, error, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from 'socket';
import type { Socket } from 'socket';
import { handle, timer, ULOOP_READ, ULOOP_WRITE } from 'uloop';
import type { Handle, Timer } from 'uloop';
import type { AgentError, AgentErrorCode } from '../shared/agent-errors.ts';
import { cut, fault, parse } from './text.ts';

interface Options {
  method: string;
  /** Behind `/localapi/v0/`. */
  path: string;
  /** A value that is sent as JSON. */
  body?: unknown;
  /** Milliseconds for all of it; of a stream, until it begins. */
  timeout?: number;
  /** The largest body, in bytes; a stream has none. */
  limit?: number;
  /** Gets the body piece by piece as it arrives, instead of `done` at the end. */
  on_data?: (piece: string) => void;
  stream?: boolean;
}

interface Call {
  done: Done | null;
  options: Options;
  socket?: Socket | null;
  handle?: Handle | null;
  deadline?: Timer | null;
  again?: Timer | null;
  unsent: string;
  head: string;
  status?: number;
  /** Bytes of the body, if the daemon told. */
  expected?: number;
  pieces: string[];
  size: number;
}

/** Called once. `body` is a text, empty if it went to `on_data`. */
type Done = (failure: AgentError | null, body: string) => void;

const SOCKET = getenv('TSR_SOCKET') ?? '/var/run/tailscale/tailscaled.sock';
const EAGAIN = 11;
const PIECE = 8192;
const BROKEN = 'its answer is not whole';
let pid: number | null = null;

function finish(call: Call, failure: AgentError | null): void {
  let done = call.done;
  if (!done) return;
  call.done = null;
  call.deadline?.cancel();
  call.again?.cancel();
  // Before its socket.
  call.handle?.delete();
  call.socket?.close();
  // They hold closures, which hold the call: a circle that nothing would free.
  call.deadline = null;
  call.again = null;
  call.handle = null;
  call.socket = null;
  done(failure, failure ? '' : join('', call.pieces));
}

function fail(call: Call, code: AgentErrorCode, detail: string): void {
  finish(call, fault(code, detail));
}

/** What the daemon says is wrong: a text, or `{"Error": …}`. */
function words(body: string): string {
  let value = parse(body) as { Error?: string; error?: string } | null;
  return cut(trim(value?.Error ?? value?.error ?? body), 500) || 'no answer';
}

function complete(call: Call): void {
  if ((call.status ?? 500) >= 400) fail(call, 'daemon-refused', words(join('', call.pieces)));
  else if (call.size < (call.expected ?? 0)) fail(call, 'daemon-unreachable', BROKEN);
  else finish(call, null);
}

function takeBody(call: Call, piece: string): void {
  let options = call.options;
  call.size += length(piece);
  if (!options.stream && call.size > (options.limit ?? 262144)) {
    fail(call, 'daemon-refused', `${options.path}: too long`);
  } else if (options.on_data && (call.status as number) < 400) {
    if (options.stream) call.deadline?.cancel();
    options.on_data(piece);
  } else {
    push(call.pieces, piece);
  }
}

function takeHead(call: Call, piece: string): void {
  call.head += piece;
  let end = index(call.head, '\r\n\r\n');
  let status = match(call.head, /^HTTP\/1\.[01] ([0-9]+)/);
  if (end < 0 ? length(call.head) > 16384 : !status) fail(call, 'daemon-refused', 'no HTTP');
  if (end < 0 || !status) return;
  call.status = int(status[1]);
  let size = match(substr(call.head, 0, end), /\r\ncontent-length: *([0-9]+)/i);
  if (size) call.expected = int(size[1]);
  takeBody(call, substr(call.head, end + 4));
}

function receive(call: Call): void {
  // A handle whose peer has closed fires only once more, so all must be read; but not all at once.
  for (let i = 0; i < 4; i++) {
    let piece = (call.socket as Socket).recv(PIECE);
    if (piece == null) {
      if (error(true) != EAGAIN) fail(call, 'daemon-unreachable', error() ?? '');
      return;
    }
    if (piece == '') {
      complete(call);
      return;
    }
    if (call.status == null) takeHead(call, piece);
    else takeBody(call, piece);
    if (!call.done) return;
  }
  call.again ??= timer(-1, () => {
    receive(call);
  });
  call.again?.set(0);
}

function send(call: Call): void {
  while (call.unsent != '') {
    let sent = (call.socket as Socket).send(call.unsent);
    if (sent == null) {
      if (error(true) != EAGAIN) fail(call, 'daemon-unreachable', error() ?? '');
      return;
    }
    call.unsent = substr(call.unsent, sent);
  }
  call.handle?.delete();
  call.handle = handle(
    call.socket as Socket,
    () => {
      receive(call);
    },
    ULOOP_READ
  );
}

function connect(call: Call): boolean {
  call.socket = create(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (!call.socket?.connect({ path: SOCKET })) return false;
  pid = call.socket.peercred()?.pid ?? null;
  call.handle = handle(
    call.socket,
    () => {
      send(call);
    },
    ULOOP_WRITE
  );
  return true;
}

/** Starts a request; `done` is never called before this has returned. Returns what gives it up without a word. */
function request(options: Options, done: Done): () => void {
  let body = options.body == null ? '' : sprintf('%J', options.body);
  let call: Call = {
    done,
    options,
    unsent:
      `${options.method} /localapi/v0/${options.path} HTTP/1.0\r\n` +
      `Content-Length: ${length(body)}\r\n\r\n${body}`,
    head: '',
    pieces: [],
    size: 0
  };
  let reached = connect(call);
  let detail = reached ? options.path : (error() ?? '');
  call.deadline = timer(reached ? (options.timeout ?? 10000) : 0, () => {
    fail(call, reached ? 'timeout' : 'daemon-unreachable', detail);
  });
  return () => {
    call.done &&= () => null;
    finish(call, null);
  };
}

/** The reply read as JSON; null if there was no body. */
function call(
  method: string,
  path: string,
  body: unknown,
  done: (failure: AgentError | null, value: unknown) => void
): () => void {
  return request({ method, path, body }, (failure, text) => {
    let value = failure ? null : parse(text);
    let broken = !failure && value == null && !match(text, /^(null)?[ \n]*$/);
    done(broken ? fault('daemon-unreachable', BROKEN) : failure, value);
  });
}

/** A request with nothing but an answer that counts. */
type Step = [method: string, path: string, body?: unknown];

/** One after the other, until one fails. */
function callAll(steps: readonly Step[], done: (failure: AgentError | null) => void): void {
  let step = steps[0];
  if (!step) {
    done(null);
    return;
  }
  request({ method: step[0], path: step[1], body: step[2] }, (failure) => {
    if (failure) done(failure);
    else callAll(slice(steps, 1), done);
  });
}

/** The process that serves the socket; null if it was never reached. */
function daemonPid(): number | null {
  return pid;
}

/** Bytes as they stand in a query. */
function encode(text: string): string {
  return replace(text, /[^A-Za-z0-9._~-]/g, (byte) => sprintf('%%%02X', ord(byte)));
}

export { call, callAll, daemonPid, encode, request };
export type { Step };
