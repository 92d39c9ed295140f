import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerUbus } from '../host/system/ubus-http.ts';
import type { Bus } from '../host/system/bus.ts';
import { readAccess, type Access } from './access.ts';
import { readMenu, type MenuPage } from './menu.ts';
import { provideRouterObjects } from './router-objects.ts';
import { pagePolicy, renderPage, scriptName } from './page.ts';

/**
 * LuCI's pages without LuCI: what the package installs below /www as it is, in a frame (`frame/`) that stands in for
 * LuCI's modules, and the agent at `/ubus`. The paths are those of a router; `?readonly` is the login of one who may
 * only look. `canned.ts` makes a bus whose agent says what it is told.
 */
export interface Preview {
  /** Such as `http://127.0.0.1:34567/`; leads to the first page. */
  url: string;
  close(): void;
}

export interface PreviewOptions {
  /** Where `tailscale-ram` is, or something in its place. */
  bus: Bus;
  /** What `buildRoot` has made. */
  tree: string;
  /** Listens already (see `openDoor`); without it, one of its own on this network's loopback. */
  door?: Server | undefined;
  /** What stands on top of each page besides that it is a preview. */
  note?: string;
}

export async function startPreview({
  bus,
  tree,
  door,
  note = 'the real agent'
}: PreviewOptions): Promise<Preview> {
  provideRouterObjects(bus);
  const shown: Shown = {
    bus,
    tree,
    note,
    access: await readAccess(tree),
    pages: await readMenu(tree),
    frame: await bundleFrame()
  };
  const server = createServer((request, response) => {
    answer(request, response, shown).catch((error: unknown) => {
      send(response, 500, 'text/plain', String(error));
    });
  });
  const listening = door ?? server;
  if (door) door.on('connection', (socket: Socket) => server.emit('connection', socket));
  else
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
  const { port } = listening.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      listening.close();
      server.closeAllConnections();
    }
  };
}

interface Shown {
  bus: Bus;
  tree: string;
  note: string;
  access: Access;
  pages: MenuPage[];
  frame: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, shown: Shown): Promise<void> {
  // A name of somebody else's that leads here would let their pages read ours.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ''))
    send(response, 403, 'text/plain', 'not by this name');
  else if (/^\/ubus([/?]|$)/.test(request.url ?? ''))
    await answerUbus(request, response, shown.bus, shown.access.allow);
  else if (request.method !== 'GET' && request.method !== 'HEAD')
    send(response, 405, 'text/plain', 'only to be looked at');
  else await answerGet(new URL(request.url ?? '/', 'http://preview'), response, shown);
}

async function answerGet(
  { pathname, searchParams, search }: URL,
  response: ServerResponse,
  { access, frame, note, pages, tree }: Shown
): Promise<void> {
  const page = pages.find(({ path }) => pathname === `${scriptName}/${path}`);
  if (page) {
    const readonly = searchParams.has('readonly');
    const session = readonly ? access.readonly : access.full;
    send(response, 200, 'text/html', renderPage(page, pages, { session, readonly, note }));
    return;
  }
  const file = await fileAt(pathname, tree, frame).catch(() => undefined);
  if (file !== undefined) {
    send(response, 200, types[extname(pathname)], file);
    return;
  }
  // A folder of the menu's leads to its first page.
  const folder = `${pathname.replace(/\/$/, '')}/`;
  const first = pages.find(({ path }) => `${scriptName}/${path}`.startsWith(folder));
  if (first) response.writeHead(302, { Location: `${scriptName}/${first.path}${search}` }).end();
  else send(response, 404, 'text/plain', 'not found');
}

/** Throws if there is none. */
async function fileAt(pathname: string, tree: string, frame: string): Promise<string | Buffer | undefined> {
  if (pathname === '/frame.js') return frame;
  if (pathname === '/style.css') return readFile(styleSheet);
  return pathname.startsWith('/luci-static/') ? readFile(join(tree, 'www', pathname)) : undefined;
}

function send(
  response: ServerResponse,
  status: number,
  type = 'application/octet-stream',
  body: string | Buffer = ''
): void {
  response
    .writeHead(status, {
      'Content-Type': /^(text|application\/json)/.test(type) ? `${type}; charset=utf-8` : type,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': pagePolicy
    })
    .end(body);
}

const styleSheet = new URL('style.css', import.meta.url);

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml'
};

/** In one piece, for any browser of these years. */
async function bundleFrame(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('frame/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022'
  });
  return outputFiles[0]?.text ?? '';
}
