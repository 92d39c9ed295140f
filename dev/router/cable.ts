import { createHash } from 'node:crypto';
import { run, succeed } from '../tailnet/command.ts';

/** From one port of a router to a bridge out here; a router that boots anew is plugged into it again. */
export class Cable {
  /** Of the latest end out here: netifd takes that number for one of the router's own interfaces, which are fewer. */
  static #index = 10000;
  readonly #name: string;
  readonly #port: string;
  #bridge: string;
  #state: 'up' | 'down' = 'up';
  #rate: number | undefined;

  /** `name`, at most 15 characters, is what its end out here is called; `port` the router's (eth0: LAN, eth1: WAN). */
  constructor(name: string, port: `eth${number}`, bridge: string) {
    this.#name = name;
    this.#port = port;
    this.#bridge = bridge;
  }

  /** `pid` is the router's first process. The port has the same MAC address each time, and no other has it. */
  async plug(pid: number): Promise<void> {
    // Of the machine that was switched off: the kernel takes its time.
    await run(['ip', 'link', 'del', this.#name]);
    const mac = `02:${createHash('md5').update(this.#name).digest('hex').match(/../g)?.slice(0, 5).join(':')}`;
    await succeed(['ip', '-batch', '-'], {
      input:
        `link add ${this.#name} index ${++Cable.#index} type veth peer name ${this.#port} address ${mac} netns ${pid}\n` +
        `link set ${this.#name} master ${this.#bridge} ${this.#state}\n`
    });
    if (this.#rate !== undefined) await this.limit(this.#rate);
  }

  /** Lets data through, which it does at first. */
  async connect(): Promise<void> {
    this.#state = 'up';
    await this.#change(['ip', 'link', 'set', this.#name, 'up']);
  }

  /** As pulled out; also while the router is off. */
  async disconnect(): Promise<void> {
    this.#state = 'down';
    await this.#change(['ip', 'link', 'set', this.#name, 'down']);
  }

  /** Its other end, to another bridge; the router sees that it was pulled out for a moment. */
  async moveTo(bridge: string): Promise<void> {
    this.#bridge = bridge;
    await this.#change(['ip', 'link', 'set', this.#name, 'down']);
    await this.#change(['ip', 'link', 'set', this.#name, 'master', bridge, this.#state]);
  }

  /** So many bits a second towards the router, and no more; undefined: as many as there are. */
  async limit(rate: number | undefined): Promise<void> {
    this.#rate = rate;
    const qdisc = ['root', 'tbf', 'rate', `${rate ?? 0}`, 'burst', '64kb', 'latency', '200ms'];
    if (rate === undefined) await run(['tc', 'qdisc', 'del', 'dev', this.#name, 'root']);
    else await this.#change(['tc', 'qdisc', 'replace', 'dev', this.#name, ...qdisc]);
  }

  /** As long as the router is off there is nothing to change. */
  async #change(command: readonly string[]): Promise<void> {
    const script = 'name=$0; ! ip link show "$name" >/dev/null 2>&1 || "$@"';
    await succeed(['sh', '-c', script, this.#name, ...command]);
  }
}
