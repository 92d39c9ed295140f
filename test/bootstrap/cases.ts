import { suite } from 'uvu';
import type { SizesPolicy } from '../../dev/mirror/catalogue.ts';
import { createAuthority } from '../../dev/mirror/certificates.ts';
import { startMirror, type Mirror } from '../../dev/mirror/mirror.ts';
import type { Release } from '../../dev/mirror/release-index.ts';
import { debianShells, Sandbox, shells, type SandboxOptions } from './sandbox.ts';
import { latestRelease } from './small-release.ts';

/** A router and the mirror that it uses. */
export interface Fixture {
  sandbox: Sandbox;
  mirror: Mirror;
}

export interface CaseOptions extends SandboxOptions {
  /** Where the mirror tells the kept sizes: nowhere unless told, as the official server. */
  sizes?: SizesPolicy;
  /** What the mirror has: that of the suite unless told. */
  release?: Release;
}

/** One for all: its certificates take longer to make than most of the cases. */
const authority = await createAuthority();

/**
 * A suite whose cases run under each shell, each with a router and a mirror of its own; `atOnce` of them side by
 * side, because most of a case is waiting. Where there are several OpenWrt releases each case takes one of them and
 * one of Debian's shells, in turn, unless EVERY_RELEASE is set: they differ less than their time is worth.
 */
export class Cases {
  readonly #cases: { shell: string; name: string; run: () => Promise<void> }[] = [];
  #added = 0;

  readonly name: string;
  readonly atOnce: number;
  readonly #where: readonly string[];
  readonly #release: Release;

  constructor(name: string, atOnce = 1, { where = shells, release = latestRelease } = {}) {
    this.name = name;
    this.atOnce = atOnce;
    this.#where = where;
    this.#release = release;
  }

  add(name: string, body: (fixture: Fixture) => Promise<void>, options: CaseOptions = {}): void {
    for (const shell of this.#shellsOf(this.#added++)) {
      this.#cases.push({
        shell,
        name,
        run: () => runCase(shell, body, { release: this.#release, ...options })
      });
    }
  }

  #shellsOf(turn: number): readonly string[] {
    const isDebians = (shell: string): boolean => debianShells.includes(shell);
    const releases = this.#where.filter((shell) => !isDebians(shell));
    if (releases.length < 2 || process.env['EVERY_RELEASE'] !== undefined) return this.#where;
    // Cases come in pairs, and each half of them is to meet each shell.
    const taken = [releases, this.#where.filter(isDebians)].map(
      (kind, index) => kind[(turn + (turn >> (index + 1))) % kind.length]
    );
    return this.#where.filter((shell) => taken.includes(shell));
  }

  run(): void {
    const results = new Map<unknown, Promise<void>>();
    const running = new Set<Promise<void>>();
    const begin = async (): Promise<void> => {
      for (const each of this.#cases) {
        while (running.size >= this.atOnce) await Promise.race(running);
        const result = each.run();
        results.set(each, result);
        const ended = result.catch(() => undefined).then(() => void running.delete(ended));
        running.add(ended);
      }
    };
    const begun = begin();
    const tests = suite(this.name);
    for (const each of this.#cases) {
      tests(`${each.name} (${each.shell})`, async () => {
        while (!results.has(each)) await Promise.race([begun, ...running]);
        await results.get(each);
      });
    }
    tests.run();
  }
}

async function runCase(
  shell: string,
  body: (fixture: Fixture) => Promise<void>,
  { sizes = {}, release, ...options }: CaseOptions & { release: Release }
): Promise<void> {
  const mirror = await startMirror({ name: 'localhost', releases: [release], sizes, authority });
  const sandbox = (await Sandbox.create(shell, options)).use(mirror);
  try {
    await body({ sandbox, mirror });
  } catch (error) {
    if (error instanceof Error) error.message += `\n--- log\n${sandbox.log}`;
    throw error;
  } finally {
    await sandbox.remove();
    await mirror.close();
  }
}
