import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Takes connections, and never says a word. The process does not wait for its end. */
export async function silentServer(port: number, address: string): Promise<Server> {
  const server = createServer((connection) => connection.unref()).listen(port, address);
  await once(server.unref(), 'listening');
  return server;
}
