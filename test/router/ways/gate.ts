import type { Host } from '../../../dev/tailnet/namespaces.ts';
import { flowPort, port } from './orders.ts';

/** Packets that came in since it was read last: around the exit node and through it, by IPv4 and IPv6. */
export interface Passed {
  around: [number, number];
  through: [number, number];
}

/** At somebody on the Internet: counts what comes to the ports of the ends, by whether an exit node has sent it. */
export class Gate {
  readonly #host: Host;

  static async open(host: Host, exit: Host): Promise<Gate> {
    const rules = [
      ['ip', 4, exit.address],
      ['ip6', 6, exit.address6]
    ].map(([protocol, family, address]) => {
      const ours = `meta nfproto ipv${family} meta l4proto { tcp, udp } th dport { ${port}, ${flowPort} }`;
      return `
        counter around${family} { }
        counter through${family} { }
        chain in {
          type filter hook prerouting priority raw;
          ${ours} ${protocol} saddr != ${address} counter name around${family}
          ${ours} ${protocol} saddr ${address} counter name through${family}
        }`;
    });
    await host.succeed(['nft', '-f', '-'], { input: `table inet gate { ${rules.join('')}\n}\n` });
    return new Gate(host);
  }

  private constructor(host: Host) {
    this.#host = host;
  }

  async read(): Promise<Passed> {
    const text = await this.#host.succeed(['nft', '-j', 'reset', 'counters', 'table', 'inet', 'gate']);
    const { nftables } = JSON.parse(text) as { nftables: { counter?: { name: string; packets: number } }[] };
    const of = (name: string): number =>
      nftables.find(({ counter }) => counter?.name === name)?.counter?.packets ?? 0;
    return { around: [of('around4'), of('around6')], through: [of('through4'), of('through6')] };
  }
}
