/** Programs for Node that send as much as they can over TCP, to the address that is their argument. */

const port = 9999;

/** Counts what comes on each connection, and answers with that number once there is no more. */
export const receiver = `
require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
  let bytes = 0;
  socket.on('data', (chunk) => (bytes += chunk.length));
  socket.on('end', () => socket.end(String(bytes)));
  socket.on('error', () => undefined);
}).listen(${port}, process.argv[1]);
`;

/** Sends for a second. Prints how many bits a second have arrived. */
export const sender = `
const socket = require('node:net').connect({ port: ${port}, host: process.argv[1], allowHalfOpen: true });
const chunk = Buffer.alloc(65536);
socket.on('connect', () => {
  const began = performance.now();
  const go = () => {
    while (performance.now() < began + 1000) if (!socket.write(chunk)) return socket.once('drain', go);
    socket.end();
  };
  let answer = '';
  socket.on('data', (text) => (answer += text));
  socket.on('end', () => {
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(String((8 * Number(answer)) / seconds));
  });
  go();
});
`;
