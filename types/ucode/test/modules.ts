/** As `globals.ts`, for the modules. */

import * as fs from 'fs';
import * as log from 'log';
import { rand } from 'math';
import * as socket from 'socket';
import * as struct from 'struct';
import * as ubus from 'ubus';
import * as uci from 'uci';
import * as uloop from 'uloop';
import type { Socket } from 'socket';

function takesNumber(value: number): void {
  print(value);
}
function takesText(value: string): void {
  print(value);
}

// fs
// @ts-expect-error null on error
takesText(fs.readfile('/etc/hosts'));
takesText(fs.readfile('/etc/hosts') ?? fs.error() ?? '');
// @ts-expect-error null on error
takesNumber(fs.open('/etc/hosts').fileno());
takesNumber(fs.stat('/')?.mtime ?? 0);
// @ts-expect-error there is no such type of file
print(fs.stat('/')?.type == 'dir');
// @ts-expect-error true or null, never false
print(fs.access('/') == false);
// @ts-expect-error a shell's command, not a list
fs.popen(['ls']);

// uci
const cursor = uci.cursor();
// @ts-expect-error null if it cannot be made
cursor.load('network');
if (cursor) {
  takesText(cursor.get('network', 'lan') ?? '');
  // @ts-expect-error it may be a list
  takesText(cursor.get('network', 'lan', 'ipaddr') ?? '');
  takesText(cursor.get_all('network', 'lan')?.['.type'] ?? '');
  cursor.foreach('network', 'interface', (section) => print(section['.name'], section['ipaddr']));
  cursor.set('network', 'lan', 'ipaddr', ['192.0.2.1/24']);
  // @ts-expect-error it is no value
  cursor.set('network', 'lan', 'ipaddr', {});
}

// uloop
uloop.init();
const timer = uloop.timer(-1, () => print('late'));
timer?.set(100);
// @ts-expect-error -1 would fire at once: cancel()
timer?.set();
uloop.process('true', ['-x'], null, (code) => {
  takesNumber(code);
});
const connection: Socket | null = socket.create(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK);
if (connection?.connect({ path: '/run/x.sock' })) {
  // @ts-expect-error without a length it fails on 24.10 now and then
  connection.recv();
  takesText(connection.recv(4096) ?? '');
  takesNumber(connection.error(true) ?? 0);
  takesText(connection.error() ?? '');
  // @ts-expect-error it wants to know what to wait for
  uloop.handle(connection, () => print('ready'));
  uloop.handle(connection, (events) => print(events), uloop.ULOOP_READ);
}
takesNumber(uloop.run() ?? 0);

// ubus
const bus = ubus.connect();
const object = bus?.publish('probe', {
  add: {
    args: { a: 0, b: 0 },
    call: (request) => {
      // @ts-expect-error it may be missing
      takesNumber(request.args['a']);
      request.defer();
      request.reply({ sum: 1 }, ubus.STATUS_OK);
    }
  }
});
object?.notify('said', {}, null, null, null, -1)?.abort();
// @ts-expect-error without a timeout it fails now and then
object?.notify('said', {});
// @ts-expect-error null on error
print(bus?.call('system', 'board').model);
print(bus?.call('system', 'board')?.['model'], bus?.call('system', 'board', {}, 'multiple')?.[0]);
takesNumber(length(bus?.list()) ?? 0);
bus?.listener('network.*', (type, data) => print(type, data));
bus?.defer('system', 'info', {}, (status, reply) => print(status, reply));

// log
log.ulog_open('syslog', 'daemon', 'probe');
// @ts-expect-error a list of names is refused
log.openlog('probe', ['pid']);
// @ts-expect-error there is no such priority
log.syslog('warn', 'x');
log.WARN('%d', rand());

// struct
takesText(struct.new('>I').pack(1));
// @ts-expect-error what comes out may be anything
takesNumber(struct.unpack('>I', 'abcd')?.[0]);
takesNumber(struct.buffer('abcd').pos(2).length());
