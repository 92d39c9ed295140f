import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { succeed } from '../../../dev/tailnet/command.ts';
import { protocols, type Order } from './orders.ts';

const script = fileURLToPath(new URL('end.ts', import.meta.url));

/** `end.ts` in the network of a host, and a filter there that counts what is forged. */
export class FarEnd {
  readonly #child: ChildProcess;
  readonly #enter: readonly string[];
  #answered: (line: string | undefined) => void = () => undefined;
  #isOver = false;

  /** `pid` is of the host's first process: it ends with that. */
  static async start(name: string, pid: number): Promise<FarEnd> {
    const enter = ['nsenter', '--target', `${pid}`, '--net', '--pid', '--'];
    const argv = [...enter, process.execPath, '--import', 'tsx', script, name];
    const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    const end = new FarEnd(child, createInterface(child.stdout), enter);
    await end.#answer();
    return end;
  }

  private constructor(child: ChildProcess, lines: Interface, enter: readonly string[]) {
    this.#child = child;
    this.#enter = enter;
    child.stdin?.on('error', () => undefined);
    lines.on('line', (line) => {
      this.#answered(line);
    });
    lines.on('close', () => {
      this.#isOver = true;
      this.#answered(undefined);
    });
  }

  /** One order at a time. */
  async tell<T>(order: Order): Promise<T> {
    const answer = this.#answer();
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    return JSON.parse(await answer) as T;
  }

  /** From now on, what the host's own firewall has let in. */
  async count(marks: readonly Mark[]): Promise<void> {
    const rules = marks.flatMap(({ name, port, size }) => {
      const families = [
        { family: 4, only: 'meta nfproto ipv4', header: 20, icmp: 'icmp' },
        { family: 6, only: 'meta nfproto ipv6', header: 40, icmp: 'icmpv6' }
      ];
      return families.flatMap(({ family, only, header, icmp }) => [
        ...protocols.map((protocol) => `counter ${name}-${protocol}${family} { }`),
        'chain input { type filter hook input priority 200; }',
        rule(`${only} tcp dport ${port}`, `${name}-tcp${family}`),
        rule(`${only} udp dport ${port} meta length ${header + 8 + size}`, `${name}-udp${family}`),
        rule(`${icmp} type echo-request meta length ${header + 8 + size}`, `${name}-icmp${family}`)
      ]);
    });
    const table = `table inet ways { ${rules.join('\n')}\n }`;
    await succeed([...this.#enter, 'nft', '-f', '-'], {
      input: `table inet ways\ndelete table inet ways\n${table}\n`
    });
  }

  /** What came in with a mark, such as `udp4`. */
  async counted(mark: string): Promise<string[]> {
    const text = await succeed([...this.#enter, 'nft', '-j', 'list', 'counters', 'table', 'inet', 'ways']);
    const { nftables } = JSON.parse(text) as { nftables: { counter?: { name: string; packets: number } }[] };
    return nftables.flatMap(({ counter }) => {
      const [name, way] = counter?.name.split('-') ?? [];
      return name === mark && way !== undefined && counter && counter.packets > 0 ? [way] : [];
    });
  }

  #answer(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answered = (line) => {
        if (line === undefined) reject(new Error('an end of the ways has ended'));
        else resolve(line);
      };
      if (this.#isOver) this.#answered(undefined);
    });
  }
}

/** How to know what one sends: by the port, and by how many bytes are in a ping, or in a knock. */
export interface Mark {
  name: string;
  port: number;
  size: number;
}

function rule(what: string, counter: string): string {
  return `chain input { ${what} counter name "${counter}"; }`;
}
