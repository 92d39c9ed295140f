import { errno } from '../errno.ts';
import type { Ask } from '../link.ts';
import type { Calls } from '../system/system.ts';
import { Resource, text } from '../values.ts';
import { Reader } from './reader.ts';

/** `popen()` of ucode's `fs`. */
export function makePopen(
  ask: Ask<Calls>,
  environment: Readonly<Record<string, string>>
): (command: string, mode: string) => unknown {
  return (command, mode) => {
    const pipe = mode.startsWith('w') ? 'input' : 'output';
    return new Process(ask, ask('spawn', '/bin/sh', ['-c', command], environment, pipe));
  };
}

class Process extends Resource {
  readonly #ask: Ask<Calls>;
  readonly #pid: number;
  readonly #descriptor: number;
  #blocking = true;
  readonly #reader = new Reader();

  constructor(ask: Ask<Calls>, { pid, descriptor }: { pid: number; descriptor: number }) {
    super();
    this.#ask = ask;
    this.#pid = pid;
    this.#descriptor = descriptor;
  }

  read(amount: unknown): string | null {
    return this.#reader.read(amount, () => this.#more());
  }

  write(data: unknown): number | null {
    const bytes = text(data);
    for (let sent = 0; sent < bytes.length;) {
      const count = this.#ask('send', this.#descriptor, bytes.slice(sent));
      if (count >= 0) sent += count;
      else if (count !== -errno.EAGAIN) return null;
      else this.#wait(false);
    }
    return bytes.length;
  }

  unblock(): void {
    this.#blocking = false;
  }

  flush(): true {
    return true;
  }

  fileno(): number {
    return this.#descriptor;
  }

  /** Waits for its end. */
  close(): number {
    this.#ask('close', this.#descriptor);
    return this.#ask('waitFor', this.#pid);
  }

  error(): null {
    return null;
  }

  #more(): string {
    for (;;) {
      const received = this.#ask('recv', this.#descriptor, 4096);
      if (typeof received === 'string') return received;
      if (received !== -errno.EAGAIN || !this.#blocking) return '';
      this.#wait(true);
    }
  }

  #wait(read: boolean): void {
    this.#ask('wait', [{ descriptor: this.#descriptor, read, write: !read }], -1, false);
  }
}
