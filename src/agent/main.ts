/** The agent: one process between tailscaled and everybody who wants to know or change something. */

import { guard, init, interval, run, signal } from 'uloop';
import { actions } from './actions.ts';
import { startCare } from './care.ts';
import { resumeUnconfirmed } from './confirm.ts';
import { watchDaemon } from './daemon.ts';
import { watchLogin } from './login.ts';
import { watchPolicy } from './policy.ts';
import { startProvision } from './provision.ts';
import { reads } from './reads.ts';
import { guardServer, startServer } from './server.ts';
import { watchStatus } from './status.ts';
import { watchVersions } from './versions.ts';
import { works } from './works.ts';

function report(exception: Exception): void {
  warn(`${exception.message}\n${exception.stacktrace[0]?.context ?? ''}\n`);
}

init();
guard(report);
guardServer(report);
// procd tells so of another configuration, which is read whenever it is needed.
signal('SIGHUP', () => null);
// Nothing but a call by ubus collects what refers to itself. Not `gc('start')`: that may come while map() or sort()
// call a function of ours, and frees what only they hold.
interval(60000, () => {
  gc('collect');
});

watchPolicy();
watchLogin();
watchVersions();
watchStatus();
resumeUnconfirmed();
startCare();
startProvision();
watchDaemon();
if (!startServer({ ...reads, ...actions, ...works })) exit(1);
run();
// Something ended the loop; procd starts another agent.
exit(1);
