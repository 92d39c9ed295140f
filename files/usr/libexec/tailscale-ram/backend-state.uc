// Prints tailscaled's BackendState, such as Running or NeedsLogin; nothing if it does not answer.
'use strict';

import * as socket from 'socket';

let daemon = socket.create(socket.AF_UNIX, socket.SOCK_STREAM);
daemon.setopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, { tv_sec: 5, tv_usec: 0 });
if (!daemon.connect({ path: '/var/run/tailscale/tailscaled.sock' }))
	exit(1);
daemon.send('GET /localapi/v0/status?peers=false HTTP/1.0\r\nHost: local-tailscaled.sock\r\n\r\n');

let answer = '', part;
while (part = daemon.recv(4096))
	answer += part;
print(match(answer, /"BackendState": *"([A-Za-z]+)"/)?.[1] ?? '');
