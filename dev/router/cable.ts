import { run, succeed } from '../tailnet/command.ts';

/** From one port of a router to a bridge out here; a router that boots anew is plugged into it again. */
export class Cable {
  readonly #name: string;
  readonly #port: string;
  readonly #bridge: string;
  #state: 'up' | 'down' = 'up';

  /** `name`, at most 15 characters, is what its end out here is called; `port` the router's (eth0: LAN, eth1: WAN). */
  constructor(name: string, port: 'eth0' | 'eth1', bridge: string) {
    this.#name = name;
    this.#port = port;
    this.#bridge = bridge;
  }

  /** `pid` is the router's first process. The port has the same MAC address each time. */
  async plug(pid: number): Promise<void> {
    // Of the machine that was switched off: the kernel takes its time.
    await run(['ip', 'link', 'del', this.#name]);
    const mac = `02:00:00:00:00:0${this.#port.at(-1)}`;
    await succeed(['ip', '-batch', '-'], {
      input:
        `link add ${this.#name} type veth peer name ${this.#port} address ${mac} netns ${pid}\n` +
        `link set ${this.#name} master ${this.#bridge} ${this.#state}\n`
    });
  }

  /** Lets data through, which it does at first. */
  async connect(): Promise<void> {
    await this.#set('up');
  }

  /** As pulled out; also while the router is off. */
  async disconnect(): Promise<void> {
    await this.#set('down');
  }

  async #set(state: 'up' | 'down'): Promise<void> {
    this.#state = state;
    const script = '! ip link show "$0" >/dev/null 2>&1 || ip link set "$0" "$1"';
    await succeed(['sh', '-c', script, this.#name, state]);
  }
}
