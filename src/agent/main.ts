/** The agent: one process between tailscaled and everybody who wants to know or change something. */

import { guard as guardUbus } from 'ubus';
import { guard, init, interval, run, signal } from 'uloop';
import { actions } from './actions.ts';
import { startCare } from './care.ts';
import { resumeUnconfirmed } from './confirm.ts';
import { onChange, watchDaemon } from './daemon.ts';
import { advance, watchLogin } from './login.ts';
import { lookAtNames, watchNames } from './network/dns.ts';
import { networkMethods } from './network/methods.ts';
import { planSoon, watchNetwork } from './network/watch.ts';
import { enforce } from './policy.ts';
import { startProvision } from './provision.ts';
import { reads } from './reads.ts';
import { startServer } from './server.ts';
import { lookAnew } from './status.ts';
import { lookForRestart } from './versions.ts';
import { works } from './works.ts';

function report(exception: Exception): void {
  warn(`${exception.message}\n${exception.stacktrace[0]?.context ?? ''}\n`);
}

init();
guard(report);
guardUbus(report);
// procd tells so of another configuration, which is read whenever it is needed.
signal('SIGHUP', () => {
  planSoon();
  lookAtNames();
});
// Nothing but a call by ubus collects what refers to itself. Not `gc('start')`: that may come while map() or sort()
// call a function of ours, and frees what only they hold.
interval(60000, () => {
  gc('collect');
});

map([enforce, advance, lookForRestart, lookAnew], onChange);
watchLogin();
resumeUnconfirmed();
startCare();
startProvision();
watchDaemon();
if (!startServer({ ...reads, ...actions, ...works, ...networkMethods })) exit(1);
watchNetwork();
watchNames();
run();
// Something ended the loop; procd starts another agent.
exit(1);
