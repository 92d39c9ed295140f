/** What the firewall and the routes are planned from, and the plan. */

/** Who may reach whom. Zones are named as in the firewall; null: nobody has decided, and the LAN's is meant. */
export interface Policy {
  lan_to_tailnet: string[] | null;
  tailnet_to_lan: string[] | null;
  tailnet_to_router: boolean;
  /** The network between this router and the one in front of it reaches this router and its LAN. */
  upstream: boolean;
  /** Of the zones that reach the tailnet, those that use an exit node; null: all of them. */
  exit_zones: string[] | null;
  /** Whether the router itself uses it, and for the names that it asks for. */
  exit_router: boolean;
  exit_dns: boolean;
  /** Those zones have no way around the exit node. */
  kill_switch: boolean;
}

/** A zone of the firewall that is not ours. */
export interface Zone {
  name: string;
  networks: string[];
  devices: string[];
  masq: boolean;
  /** Made by another package of Tailscale's, which may be gone by now. */
  left?: boolean;
}

/** As netifd tells of it. Addresses are with the length of their network. */
export interface Interface {
  name: string;
  device: string | null;
  addresses: string[];
  /** Its gateways and DNS servers. */
  servers?: string[];
}

/** What is remembered of tailscaled, to plan with until it tells. */
export interface Known {
  logged_in: boolean;
  /** The preference `snat_subnet_routes`; an exit node knows of this router's address alone, too. */
  snat: boolean;
  /** Whether this router offers to be an exit node. */
  exit_offered: boolean;
}

/** What is known, and what somebody wants. */
export interface Situation extends Known {
  /** The same, to be remembered. */
  known?: Known;
  policy: Policy;
  zones: Zone[];
  interfaces: Interface[];
  /** Of tailscaled. */
  port: string;
  /** Whether there is an interface, or only userspace networking. */
  tun: boolean;
  /** It may have been there when tailscaled started, which then has put its own rules before mwan3's. */
  mwan3: boolean;
  /** Whether dnsmasq is who is asked for names. */
  resolver: boolean;
  /** Of the tailnet's names. */
  domain: string;
  /** Whether the kernel passes on what is not for the router itself. */
  forwarding: boolean;
  /** Routes that this router offers to others. */
  offered: string[];
  /** Routes of others that this router accepts, with the names of who offers them. */
  routes: { prefix: string; by: string }[];
  /** Addresses in the tailnet, with their names. */
  peers: { address: string; name: string }[];
}

/** A section of UCI, with why it is there. */
export interface Section {
  config: 'firewall' | 'network';
  name: string;
  type: string;
  options: Record<string, string | string[]>;
  reason: string;
  /** Before all others of its configuration: the first rule that fits decides. */
  first?: boolean;
}

/**
 * Whether one reaches the other: `tailnet`, `router`, `*` (anywhere: by an exit node), or a zone; one of the Internet's
 * is the network in front of it.
 */
export interface Arrow {
  from: string;
  to: string;
  allowed: boolean;
}

/** What somebody should know, though nothing is broken. */
export interface Finding {
  code:
    | 'cgnat'
    | 'forwarding-off'
    | 'kill-switch'
    | 'lan-in-cgnat'
    | 'left-zone'
    | 'offered-in-cgnat'
    | 'other-resolver'
    | 'other-zone'
    | 'peer-in-own-network'
    | 'route-overlaps'
    | 'server-in-cgnat'
    | 'zone-missing';
  arguments: Record<string, string>;
}

export interface Plan {
  sections: Section[];
  arrows: Arrow[];
  findings: Finding[];
  /** What keeps zones off the Internet: a rule of nft. Null: what was last is right. */
  barrier: string | null;
}

/** The reply of the agent's method `network`. */
export interface NetworkReport {
  arrows: Arrow[];
  findings: Finding[];
  /** What the agent keeps in the router's configuration, and why. */
  sections: Pick<Section, 'config' | 'name' | 'reason'>[];
  /** Whom dnsmasq asks for what, as it is told. */
  names: string;
}

/** The reply of the agent's method `route`: which way packets of the router take. Null: there is none, or none is needed. */
export interface Way {
  device: string | null;
  /** As netifd calls what the device belongs to. */
  interface: string | null;
  via: string | null;
}

/** What dnsmasq is told. */
export interface Names {
  /** For dnsmasq's folder of configurations, `DIR` in it; empty: nothing is. It is restarted for another one. */
  conf: string;
  /** Whom it asks for what while the tailnet is up. While it is not, it asks 100.100.100.100, and gets a refusal. */
  servers: string;
  /** Whom it asks for all else; empty: whom it would ask anyway. */
  resolvers: string;
}
