import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * One call of tailscaled's LocalAPI, with what it answers as JSON: `callLocalApi(socket, 'GET', 'status')`.
 * Throws if nobody listens, at a status that is not 200, and after five seconds.
 */
export async function callLocalApi(
  socket: string,
  method: string,
  name: string,
  body?: object
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: socket,
        method,
        path: `/localapi/v0/${name}`,
        headers: { Host: 'local-tailscaled.sock' },
        timeout: 5000
      },
      (response) => {
        text(response)
          .then((answer) => {
            if (response.statusCode === 200) resolve(JSON.parse(answer));
            else reject(new Error(`${name}: ${response.statusCode ?? 0} ${answer}`));
          })
          .catch(reject);
      }
    );
    call.on('error', reject);
    call.on('timeout', () => call.destroy(new Error(`${name}: no answer`)));
    call.end(body && JSON.stringify(body));
  });
}
