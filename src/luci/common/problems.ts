/** What is wrong, in words, and the button that mends it. */

import type { ErrorCode } from '../../shared/errors.ts';
import type { Problem, problems } from '../../shared/problems.ts';
import { bytes, duration, when } from './units.ts';
import { el, say, type Child } from './elements.ts';

/** What happened; why, if that is known, and what to do. */
export type Explanation = [title: Child, text: Child];

/** For a login there is a section of its own. */
type Code = Exclude<keyof typeof problems | ErrorCode, 'logged-out'>;
type Words = readonly [title: Child, ...text: Child[]];

/** The words for a problem; for one that has none here, its code. */
export function explain({ code, arguments: args }: Pick<Problem, 'arguments' | 'code'>): Explanation {
  const argument = (name: string): string => [args[name] ?? ''].flat().join(', ');
  const told = (text: string, name: string): Child => say(text, argument(name));
  // The words of others have no full stop, and may be read the other way round.
  const sentence = (name: string): Child =>
    argument(name) && el('bdi', argument(name).replace(/[\p{L}\d]$/u, '$&.'));
  const detail = sentence('detail');
  const message = sentence('message');
  const reason = message || sentence('reason');
  const admin = link(argument('admin'));
  const again = _('It is tried again by itself.');
  const where = _('Its settings: Settings → This router.');
  const nothing = _('Nothing was installed: a broken mirror, or someone in between.');
  const zram = _('With the package zram-swap, half is enough. Or stop something else.');
  const running = told(_('%s runs here. A restart of the router brings it, too.'), 'version');
  const actions: Record<string, string> = {
    rebind: _('The router looked for a way again:'),
    restart: _('The router started Tailscale anew:'),
    'last-good': _('The router took the version before:'),
    reboot: _('The router restarted itself:')
  };
  const words: Record<Code, Words> = {
    // What keeps Tailscale from being fetched and started
    'network-unreachable': [
      _('The download server cannot be reached'),
      _('The router has no Internet, or no name server.')
    ],
    'clock-not-set': [_('The router does not know the time yet'), _('It comes over the Internet.')],
    'tls-untrusted': [
      _('The download server’s certificate is not trusted'),
      _('Someone is in between, or your own server needs its CA file in the settings.')
    ],
    'http-error': [_('The download server refused'), detail, again],
    'index-unreadable': [
      _('The download server’s list of versions cannot be read'),
      _('Perhaps a login page stands in between.')
    ],
    'version-missing': [
      _('The chosen version is not on the download server'),
      _('Choose another one, or the newest.')
    ],
    'arch-unsupported': [_('There is no Tailscale for this router’s processor'), detail],
    'memory-low': [_('Not enough free memory for Tailscale'), detail, zram],
    'disk-full': [
      _('The router’s memory for files is full'),
      detail,
      _('Something fills /tmp. Restart the router.')
    ],
    truncated: [_('The download broke off'), again],
    'checksum-missing': [_('The download server tells no checksum'), nothing],
    'checksum-mismatch': [_('The download does not match its checksum'), nothing],
    'signature-invalid': [_('The mirror’s list is not signed by a key that this router trusts'), nothing],
    'manifest-old': [_('The mirror’s list is out of date'), detail],
    'archive-invalid': [_('The download is no archive of Tailscale'), nothing],
    'run-check-failed': [
      _('This version does not run on this router'),
      detail,
      _('Choose another one, or the newest.')
    ],
    'other-tailscaled': [
      _('Another Tailscale is on this router'),
      detail,
      _('This one stays off. To put it in its place: service tailscale-ram take_over')
    ],
    'tun-missing': [
      _('This router can be reached, but nothing behind it'),
      _('There is no TUN device: install kmod-tun.')
    ],
    'daemon-crashed': [_('Tailscale ended by itself and was started again'), detail],
    // What the agent finds
    'daemon-unreachable': [
      _('Tailscale runs, but does not answer'),
      say(_('For %s. If that lasts, restart the router.'), duration(+argument('seconds')))
    ],
    'key-expired': [_('This router’s key has expired'), _('Until you log in again, nothing reaches it.')],
    'key-expires-soon': [
      say(_('This router’s key expires in %s'), duration(+argument('days') * 86400)),
      _('Then nothing reaches it. Turn off its key expiry:'),
      admin
    ],
    'approval-needed': [_('This router waits for its approval'), _('Approve it here:'), admin],
    'control-unreachable': [
      told(_('The login server %s cannot be reached'), 'server'),
      message,
      _('Connections go on; changes do not arrive.'),
      again
    ],
    'login-refused': [
      told(_('The login server %s refused'), 'server'),
      message,
      _('Log in with another key or account.')
    ],
    'routes-unapproved': [
      _('Routes offered wait for approval'),
      told(_('Nobody reaches %s until they are approved:'), 'routes'),
      admin
    ],
    'no-udp': [
      _('UDP is blocked'),
      _('All is relayed, and slow. Let UDP out of the firewall in front of this router.')
    ],
    'only-relayed': [
      told(_('All connections are relayed by %s'), 'relay'),
      _('In the router in front, forward UDP port 41641 to this one, or turn on UPnP.')
    ],
    'daemon-crash-loop': [
      told(_('Tailscale has ended %s times in a row'), 'deaths'),
      +argument('starved') > 0 ? zram : _('The last good version is taken by itself.')
    ],
    'version-faulty': [
      told(_('Tailscale %s is known to fail on this router'), 'version'),
      told(_('Take %s or a later one.'), 'minimum')
    ],
    'update-available': [told(_('Tailscale %s is out'), 'newest'), running],
    'security-update': [told(_('Tailscale %s closes a security hole'), 'newest'), running],
    'memory-low-now': [
      _('The router’s memory is almost full'),
      say(_('%s are free.'), bytes(+argument('available_kib') * 1024)),
      zram
    ],
    health: [message],
    'policy-overridden': [_('A setting was put right'), told(_('The router decides %s.'), 'names')],
    'identity-unreadable': [
      _('This router’s identity cannot be read'),
      _('Bring back a backup, or log in as another device.')
    ],
    'identity-disk-full': [
      _('The flash is full'),
      say(_('%s are free. Remove something.'), bytes(+argument('free_kib') * 1024))
    ],
    'provision-failed': [_('The unattended login did not succeed'), reason, again, where],
    'exit-node-offline': [
      told(_('The exit node %s is offline'), 'name'),
      _('Nothing reaches the Internet while it is in use.')
    ],
    'take-over-failed': [_('The other Tailscale keeps its place'), reason],
    'watchdog-acted': [
      _('The tailnet was out of reach for hours'),
      actions[argument('action')],
      when(+argument('at'))
    ],
    'firewall-refused': [
      _('The firewall does not load with what the tailnet needs'),
      message,
      _('So nothing was changed; fw4 check tells more.')
    ],
    'uncommitted-changes': [
      _('The firewall waits for changes that are not committed'),
      _('Commit or revert what uci changes shows.')
    ],
    'kill-switch': [
      told(_('The kill switch keeps %s off the Internet'), 'zone'),
      _('Choose an exit node, or turn the switch off.'),
      where
    ],
    'zone-missing': [told(_('Who reaches whom: there is no zone %s'), 'zone'), where]
  };
  const [title, ...text] = Object.hasOwn(words, code) ? words[code as Code] : [code, reason || detail];
  return [title, text.map((part) => part && [part, ' '])];
}

/** What a button for the remedy says; undefined: there is none on a page. */
export function remedyLabel(problem: Problem): string | undefined {
  const labels: Record<string, string> = {
    login: _('Log in'),
    reauth: _('Log in again'),
    rebind: _('Look for a way again'),
    rollback: _('Go back to the version before'),
    update: _('Update now'),
    retry: _('Try now'),
    pin: _('Take the newest'),
    exit_node: _('Use no exit node'),
    forget_identity: _('Remove the identity')
  };
  return labels[problem.remedy?.method as string];
}

/** Where the status is. */
export function statusLink(label: string): HTMLElement {
  return el(
    'a',
    { href: L.url('admin/services/tailscale-ram/status'), style: 'text-decoration:underline' },
    label
  );
}

/** A link if it is one that a browser may open, else the text. */
export function link(address: string): Child {
  if (!/^https?:\/\//.test(address)) return address && el('bdi', address);
  const attributes = {
    href: address,
    target: '_blank',
    rel: 'noreferrer',
    style: 'color:inherit;text-decoration:underline'
  };
  return el('a', attributes, address);
}
