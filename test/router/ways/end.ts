import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, createServer, isIPv6, type Socket as NetSocket } from 'node:net';
import { createInterface } from 'node:readline';
import { sleep } from '../../../dev/tailnet/wait.ts';
import { flowPort, port, seenPort, streamPort } from './orders.ts';
import type { Heard, LookUps, Order, Reached, Target } from './orders.ts';

/**
 * `end.ts NAME`, in the network of a host: answers whoever comes, over IPv4 and IPv6, with its name, and tries the ways
 * to others as it is told.
 */

const name = process.argv[2] ?? '';
const patienceMs = 1000;
const streamPauseMs = 20;
/** As long as those who ask for a name wait until they ask again. */
const lookUpMs = 5000;

const server = createServer((socket) => {
  socket.on('error', () => undefined).end(name);
});
server.listen(port, '::');
const mirror = createServer((socket) => {
  socket.on('error', () => undefined).end((socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, ''));
});
mirror.listen(seenPort, '::');
const sink = createServer((socket) => {
  socket.on('error', () => undefined).resume();
});
sink.listen(flowPort, '::');
const echo = createSocket('udp6');
echo.on('message', (_, { address, port: from }) => {
  echo.send(name, from, address, () => undefined);
});
echo.bind(port, '::');

let heard: Heard = {};
const ear = createSocket('udp6');
ear.on('message', (key) => (heard[key.toString()] ??= []).push(Date.now()));
ear.bind(streamPort, '::');

/** Each one once: a firewall lets a connection of before go on, though a new one may no longer begin. */
let lastPort = 9999;

let stopStream = (): void => undefined;
let stopFlood = (): void => undefined;
let endLookUps = (): Promise<LookUps> => Promise.resolve({ asked: 0, lost: {} });
await Promise.all([server, mirror, sink, echo, ear].map((one) => once(one, 'listening')));
say('ready');
for await (const line of createInterface(process.stdin)) say(await obey(JSON.parse(line) as Order));
process.exit();

function say(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'try':
      return tryAll(order.targets);
    case 'forge':
      await Promise.all(order.targets.map(({ address }) => forge(address, order)));
      return 'done';
    case 'knock':
      for (const { address } of order.targets) await knock(address, order.port, order.size);
      return 'done';
    case 'stream':
      stopStream();
      stopStream = stream(order.key, order.targets);
      return 'done';
    case 'ask':
      return Promise.all(order.targets.map(({ address }) => hearTcp(address, seenPort)));
    case 'flood':
      stopFlood();
      stopFlood = flood(order.targets, order.perSecond);
      return 'done';
    case 'hear': {
      const all = heard;
      heard = {};
      return all;
    }
    case 'look up': {
      const ended = endLookUps();
      endLookUps = lookUp(order);
      return ended;
    }
  }
}

async function tryAll(targets: readonly Target[]): Promise<Reached> {
  // By one process: each that is started keeps the others from being heard.
  const pings = pingAll(targets.map(({ address }) => address));
  const [tcp, udp] = await Promise.all([Promise.all(targets.map(tryTcp)), Promise.all(targets.map(tryUdp))]);
  const answered = await pings;
  return targets.map(({ address }, i) => ({
    tcp: tcp[i] ?? false,
    udp: udp[i] ?? false,
    icmp: answered.includes(address)
  }));
}

/** After that long; what has come until then is heard first, however busy the machine is. */
async function patience(): Promise<false> {
  await sleep(patienceMs);
  await new Promise((resolve) => setImmediate(resolve));
  return false;
}

/** Whether the right one is there. */
async function tryTcp(target: Target): Promise<boolean> {
  return (await hearTcp(target.address, port)) === target.name;
}

/** What somebody says who is asked nothing. */
function hearTcp(host: string, to: number): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect({ host, port: to, localPort: ++lastPort });
    void patience().then(() => socket.destroy());
    socket.on('data', (data) => (said += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(said);
    });
  });
}

async function tryUdp(target: Target): Promise<boolean> {
  const socket = createSocket(isIPv6(target.address) ? 'udp6' : 'udp4');
  const ask = (): void => {
    socket.send('?', port, target.address, () => undefined);
  };
  const answered = new Promise<boolean>((resolve) => {
    socket.on('message', (said) => {
      if (said.toString() === target.name) resolve(true);
    });
  });
  socket.bind(++lastPort);
  ask();
  // A datagram may be lost.
  const timer = setInterval(ask, patienceMs / 3);
  const reached = await Promise.race([answered, patience()]);
  clearInterval(timer);
  socket.close();
  return reached;
}

/** Those that answer. */
async function pingAll(addresses: readonly string[], options = ''): Promise<string[]> {
  const one = `ping -nq -c2 -i0.3 -W1 ${options} "$address" >/dev/null 2>&1 && echo "$address"`;
  const all = `for address; do { ${one}; } & done; wait`;
  const child = spawn('sh', ['-c', all, 'sh', ...addresses], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  await once(child, 'close');
  return said.split('\n');
}

async function forge(address: string, order: Extract<Order, { do: 'forge' }>): Promise<void> {
  const from = order.from.find((one) => isIPv6(one) === isIPv6(address));
  if (from === undefined) return;
  const udp = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  udp.bind(0, from);
  await once(udp, 'listening');
  udp.send(Buffer.alloc(order.size), order.port, address, () => undefined);
  const tcp = connect({ host: address, port: order.port, localAddress: from });
  tcp.on('error', () => undefined);
  await Promise.all([pingAll([address], `-I ${from} -s${order.size}`), sleep(patienceMs / 2)]);
  tcp.destroy();
  udp.close();
}

async function knock(address: string, to: number, size: number): Promise<void> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  await new Promise((resolve) => {
    socket.send(Buffer.alloc(size), to, address, resolve);
  });
  socket.close();
}

function stream(key: string, targets: (Target & { from?: string })[]): () => void {
  const sockets = targets.map(({ address, from }) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.on('error', () => undefined);
    socket.bind(0, from);
    return socket;
  });
  const timer = setInterval(() => {
    for (const [i, target] of targets.entries()) {
      const text = `${key}→${target.name} ${isIPv6(target.address) ? 6 : 4}`;
      sockets[i]?.send(text, streamPort, target.address, () => undefined);
    }
  }, streamPauseMs);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.close();
  };
}

function flood(targets: readonly Target[], perSecond: number): () => void {
  const open = (): Socket[] =>
    targets.map(({ address }) =>
      createSocket(isIPv6(address) ? 'udp6' : 'udp4')
        .on('error', () => undefined)
        .bind()
    );
  const close = (all: readonly Socket[]): void => {
    for (const socket of all) socket.close();
  };
  const lasting = open();
  let fresh = open();
  const began = performance.now();
  let sent = 0;
  const timers = [
    setInterval(() => {
      // What a busy machine was late with, too.
      for (const due = ((performance.now() - began) * perSecond) / 1000; sent < due; sent++) {
        const sockets = sent % 2 ? lasting : fresh;
        for (const [i, { address }] of targets.entries())
          sockets[i]?.send('?', port, address, () => undefined);
      }
    }, 5),
    setInterval(() => {
      close(fresh);
      fresh = open();
    }, 100)
  ];
  const endFlows = targets.map(({ address }) => keepFlow(address));
  return () => {
    for (const timer of timers) clearInterval(timer);
    for (const end of endFlows) end();
    close([...lasting, ...fresh]);
  };
}

/** Writes to somebody over one connection, and over another one only when that has broken. */
function keepFlow(host: string): () => void {
  let isOver = false;
  const open = (): NetSocket => {
    const socket = connect({ host, port: flowPort, noDelay: true });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      setTimeout(() => {
        if (!isOver) flow = open();
      }, 200);
    });
    return socket;
  };
  let flow = open();
  const timer = setInterval(() => {
    if (flow.writableLength < 1000) flow.write('?');
  }, 5);
  return () => {
    isOver = true;
    clearInterval(timer);
    flow.destroy();
  };
}

function lookUp({ server, domain, perSecond }: Extract<Order, { do: 'look up' }>): () => Promise<LookUps> {
  const resolver = new Resolver({ timeout: lookUpMs, tries: 1 });
  resolver.setServers([server]);
  const lookUps: LookUps = { asked: 0, lost: {} };
  const underWay: Promise<void>[] = [];
  const ask = async (name: string): Promise<void> => {
    try {
      await resolver.resolve4(name);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      lookUps.lost[code] = (lookUps.lost[code] ?? 0) + 1;
    }
  };
  const first = Date.now().toString(36);
  const timer =
    perSecond > 0 &&
    setInterval(() => {
      underWay.push(ask(`${first}-${++lookUps.asked}.${domain}`));
    }, 1000 / perSecond);
  return async () => {
    if (timer) clearInterval(timer);
    await Promise.all(underWay);
    return lookUps;
  };
}
