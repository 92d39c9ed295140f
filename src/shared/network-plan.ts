/** What the firewall and the routes are planned from, and the plan. */

/** Who may reach whom. Zones are named as in the firewall; null: nobody has decided, and the LAN's is meant. */
export interface Policy {
  lan_to_tailnet: string[] | null;
  tailnet_to_lan: string[] | null;
  tailnet_to_router: boolean;
  /** The network between this router and the one in front of it reaches this router and its LAN. */
  upstream: boolean;
}

/** A zone of the firewall that is not ours. */
export interface Zone {
  name: string;
  networks: string[];
  devices: string[];
  masq: boolean;
}

/** As netifd tells of it. Addresses are with the length of their network. */
export interface Interface {
  name: string;
  device: string | null;
  addresses: string[];
}

/** What is known, and what somebody wants. */
export interface Situation {
  policy: Policy;
  zones: Zone[];
  interfaces: Interface[];
  /** Of tailscaled. */
  port: string;
  /** Whether there is an interface, or only userspace networking. */
  tun: boolean;
  logged_in: boolean;
  /** The preference `snat_subnet_routes`. */
  snat: boolean;
  /** mwan3 was there when tailscaled started, which then puts its own rules before mwan3's. */
  mwan3: boolean;
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
}

/** Whether one reaches the other: `tailnet`, `router`, or a zone; one of the Internet's is the network in front of it. */
export interface Arrow {
  from: string;
  to: string;
  allowed: boolean;
}

/** What somebody should know, though nothing is broken. */
export interface Finding {
  code: 'cgnat' | 'lan-in-cgnat' | 'other-zone' | 'peer-in-own-network' | 'route-overlaps' | 'zone-missing';
  arguments: Record<string, string>;
}

export interface Plan {
  sections: Section[];
  arrows: Arrow[];
  findings: Finding[];
}
