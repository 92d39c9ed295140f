import { join, normalize } from 'node:path';

/**
 * A folder that a program takes for the root of the file system. What the kernel shows there is the machine's, and a
 * path that already leads into the folder stays as it is: programs that it starts need such ones.
 */
export class Place {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** The machine's path of one of the program's (in bytes); relative ones are of its root. */
  real(path: string): string {
    const absolute = normalize(`/${Buffer.from(path, 'latin1').toString()}`);
    const inside = absolute === this.#root || absolute.startsWith(`${this.#root}/`);
    return inside || /^\/(dev|proc|sys)(\/|$)/.test(absolute) ? absolute : join(this.#root, absolute);
  }

  /** The other way round. */
  seen(path: string): string {
    const inside =
      path === this.#root ? '/' : path.startsWith(`${this.#root}/`) ? path.slice(this.#root.length) : path;
    return Buffer.from(inside).toString('latin1');
  }
}
