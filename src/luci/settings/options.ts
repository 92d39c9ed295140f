/** The router's options, as the init script and the agent check them. */

/**
 * `standard`: what it is if nothing is set, as a value or in words. A text has a form, which its help tells, and so has
 * each element of a list; the others are one of the words in `standard`, first the default, or a switch.
 */
export type Option = readonly [title: string, help: string, standard: string, check?: Form, list?: true];
export type Options = Readonly<Record<string, Option>>;
interface Form {
  test(text: string): boolean;
}

const none = _('none');
const automatic = _('automatic');
const address = /^https:\/\/[\w.:/~-]+$/;
const path = /^\//;
const file = /^\/.*[^/]$/;

export const aboutBuilds = _(
  'compact: from a mirror, a quarter of the memory, only what these pages offer; SSH in compact-ssh.'
);

/** Without zeros before it, which some would read as octal. */
function number(least: number, most: number): Form {
  return { test: (text) => String(+text | 0) === text && +text >= least && +text <= most };
}

/** By tab. `clock`: what to know of the router's. */
export const mainOptions = (clock: string): [tab: string, Options][] => [
  [
    _('General'),
    {
      enabled: [_('Run Tailscale'), _('Off: it is not even downloaded.'), '1'],
      tun: [
        _('Interface'),
        _('userspace: none; the router is reached, but routes nothing.'),
        'auto userspace'
      ],
      proxy_port: [
        _('Proxy port'),
        _('Without an interface: SOCKS5 and HTTP, on the router’s LAN address.'),
        '1055',
        number(1, 65535)
      ],
      port: [_('UDP port'), _('For direct connections: 1 to 65535.'), '41641', number(1, 65535)]
    }
  ],
  [
    _('Download'),
    {
      source: [
        _('Servers'),
        _('With https, tried in this order.'),
        'https://pkgs.tailscale.com',
        address,
        true
      ],
      track: [_('Releases'), '', 'stable unstable release-candidate'],
      version: [_('Version'), _('To stay with one: 1.102.5.'), _('newest'), /^\d+(\.\d+)*$/],
      build: [
        _('Build'),
        `${aboutBuilds} ${_('auto: if the official one does not fit.')}`,
        'auto official compact compact-ssh'
      ],
      mirror: [
        _('Mirrors'),
        _('Of compact builds, with https. Their keys belong in /etc/tailscale-ram/keys.'),
        none,
        address,
        true
      ],
      arch: [_('Architecture'), _('As the servers name it: mipsle.'), automatic, /^[a-z\d]+$/],
      cli: [
        _('tailscale command'),
        _('auto: kept in memory if there is room; never: fetched when used.'),
        'auto always never'
      ],
      reserve_mb: [_('Memory to leave free'), _('In MB, or auto.'), 'auto', /^(auto|0|[1-9]\d{0,4})$/],
      daily_archives: [
        _('Failed downloads'),
        _('In a day, 0 to 1000, for links paid by volume.'),
        '3',
        number(0, 1000)
      ],
      cache_dir: [_('Archive'), _('A folder for times without a server: /mnt/usb.'), none, path],
      ca_file: [_('CA file'), _('Trusted instead of others: /etc/ssl/my-ca.crt.'), none, path]
    }
  ],
  [
    _('Updates'),
    {
      update_window: [
        _('Time for updates'),
        _('Without a reboot, in the router’s time: 03:00-05:00 or sat,sun 23:00-01:30.') + clock,
        none,
        /^((mon|tue|wed|thu|fri|sat|sun)(,(?=[a-z])| +(?=\d)))*(([01]?\d|2[0-3]):[0-5]\d( *- *(?=\d)|$)){2}$/i
      ],
      watchdog_hours: [
        _('Watchdog'),
        _('Hours with Internet but no tailnet, until Tailscale, at last the router, restarts. 0: never.'),
        '0',
        number(0, 9999)
      ]
    }
  ],
  [
    _('Advanced'),
    {
      log_level: [_('Log'), _('0: little, to 3: much.'), '0', number(0, 3)],
      state_file: [_('Identity file'), _('The file of its key.'), '/etc/tailscale/tailscaled.state', file],
      debug_port: [_('Debug port'), _('On 127.0.0.1: 1 to 65535.'), none, number(1, 65535)]
    }
  ]
];

export const provisionOptions: Options = {
  auth_key_file: [
    _('Auth key'),
    _('Its file, deleted after the login.'),
    '/etc/tailscale-ram/auth-key',
    file
  ],
  login_server: [_('Login server'), _('With https.'), 'Tailscale', /^https?:\/\/\S+$/],
  hostname: [_('Name'), 'attic-router', automatic, /^[a-z\d.-]{1,63}$/i],
  tag: [_('Tags'), 'tag:router', none, /^tag:[a-z][a-z\d-]*$/i, true],
  route: [_('Routes offered'), '192.168.1.0/24', none, /^[\da-f:.]+\/\d+$/i, true]
};
