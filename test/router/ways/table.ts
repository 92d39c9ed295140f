import { protocols } from './orders.ts';

/** Who reaches whom, as the documentation says it. By hand: nothing here is taken from the plan. */

export const ends = ['lan', 'guest', 'peer', 'upstream', 'internet', 'router'] as const;
export type EndName = (typeof ends)[number];
export type Arrow = `${EndName} → ${EndName}`;

/** What an arrow is tried with, such as `udp6`. */
export const ways = [4, 6].flatMap((family) => protocols.map((protocol) => `${protocol}${family}`));

/** Those that do not go through the router. */
const direct: readonly string[] = [
  'internet → upstream',
  'upstream → internet',
  'peer → internet',
  'peer → upstream'
];

export const arrows = ends
  .flatMap((from) =>
    ends.map((to): { from: EndName; to: EndName; name: Arrow } => ({ from, to, name: `${from} → ${to}` }))
  )
  .filter(({ from, to, name }) => from !== to && !direct.includes(name));

/** What the firewall of the router lets through without a word of ours. */
const always: Partial<Record<Arrow, readonly string[]>> = {
  'lan → router': ways,
  'lan → upstream': ways,
  'lan → internet': ways,
  'guest → upstream': ways,
  'guest → internet': ways,
  'router → lan': ways,
  'router → guest': ways,
  'router → peer': ways,
  'router → upstream': ways,
  'router → internet': ways,
  // OpenWrt's own rules: Allow-Ping, Allow-ICMPv6-Input, Allow-ICMPv6-Forward.
  'upstream → router': ['icmp4', 'icmp6'],
  'internet → router': ['icmp4', 'icmp6'],
  'upstream → lan': ['icmp6'],
  'upstream → guest': ['icmp6'],
  'internet → lan': ['icmp6'],
  'internet → guest': ['icmp6']
};

export interface Policy {
  /** Options of the section `policy`. */
  options: Partial<Record<'lan_to_tailnet' | 'tailnet_to_lan', readonly string[]>> &
    Partial<Record<'tailnet_to_router' | 'upstream', '0' | '1'>>;
  /** What it allows. */
  arrows: readonly Arrow[];
  /** The router is not in the tailnet. */
  isLoggedOut?: boolean;
}

export const policies = {
  default: {
    options: {},
    arrows: ['lan → peer', 'peer → lan', 'peer → router']
  },
  everything: {
    options: { lan_to_tailnet: ['lan', 'guest'], tailnet_to_lan: ['lan', 'guest'], upstream: '1' },
    arrows: [
      'lan → peer',
      'guest → peer',
      'peer → lan',
      'peer → guest',
      'peer → router',
      'upstream → router',
      'upstream → lan',
      'upstream → guest'
    ]
  },
  nothing: {
    options: { lan_to_tailnet: ['none'], tailnet_to_lan: ['none'], tailnet_to_router: '0', upstream: '0' },
    arrows: []
  },
  guests: {
    options: { lan_to_tailnet: ['guest'], tailnet_to_lan: ['guest'], tailnet_to_router: '1' },
    arrows: ['guest → peer', 'peer → guest', 'peer → router']
  },
  outwards: {
    options: { lan_to_tailnet: ['lan', 'guest'], tailnet_to_lan: ['none'], tailnet_to_router: '0' },
    arrows: ['lan → peer', 'guest → peer']
  },
  inwards: {
    options: { lan_to_tailnet: ['none'], tailnet_to_router: '0', upstream: '1' },
    arrows: ['peer → lan', 'upstream → router', 'upstream → lan']
  },
  'logged out': {
    options: {},
    arrows: [],
    isLoggedOut: true
  }
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof policies;

/**
 * What is forged: the addresses of the tailnet, by somebody on the LAN, among the guests, and in front of the router.
 * Never comes in, nor goes through.
 */
export const forged = {
  lan: ['router', 'guest', 'upstream', 'internet'],
  guest: ['router', 'lan', 'upstream', 'internet'],
  upstream: ['router', 'lan', 'guest']
} as const satisfies Record<string, readonly EndName[]>;

/** Of the table. */
export interface Row {
  name: string;
  /** The ways that are open. */
  ways(policy: PolicyName): readonly string[];
  /** The way of those who are there, with their own addresses. */
  forges?: Arrow;
}

export const rows: readonly Row[] = [
  ...arrows.map(({ name }) => ({ name, ways: (policy: PolicyName) => expected(policy, name) })),
  ...(['internet', 'upstream'] as const).map((from) => ({
    name: `${from} → router:41641`,
    ways: (name: PolicyName) => {
      const policy: Policy = policies[name];
      return policy.isLoggedOut && !policy.arrows.includes(`${from} → router`) ? [] : ['udp4', 'udp6'];
    }
  })),
  ...Object.entries(forged).flatMap(([from, to]) =>
    to.map((end: EndName) => ({
      name: `forger ${from} → ${end}`,
      ways: () => [],
      forges: `${from as EndName} → ${end}` as const
    }))
  )
];

/** The ways that are open from one to the other. */
export function expected(name: PolicyName, arrow: Arrow): readonly string[] {
  const policy: Policy = policies[name];
  if (policy.isLoggedOut && arrow === 'router → peer') return [];
  return policy.arrows.includes(arrow) ? ways : (always[arrow] ?? []);
}
