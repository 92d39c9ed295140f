import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended; `code` is null if a signal ended it. */
export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  env?: Readonly<Record<string, string>>;
  /** Written to its standard input, which is empty otherwise. */
  input?: string;
  /** Seconds after which it is killed: 30 unless told. */
  timeout?: number;
  /** Is given the process as soon as there is one. */
  started?: (child: ChildProcess) => void;
}

/** Runs a program to its end, with nothing in its environment but PATH, HOME and `env`; no shell is involved. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<Result> {
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    env: { ...basicEnvironment, ...options.env },
    // A group of its own: Ctrl-C on the terminal is ours to handle, and a timeout ends all of it.
    detached: true
  });
  options.started?.(child);
  const result: Result = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const timer = setTimeout(
    () => {
      killGroup(child);
      // What has left the group may hold them for ever.
      child.stdout.destroy();
      child.stderr.destroy();
      result.stderr += `\nkilled after ${options.timeout ?? 30} s`;
    },
    (options.timeout ?? 30) * 1000
  );
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { ...result, code };
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a program that must succeed and returns its standard output; throws with what it said if it fails. */
export async function succeed(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${code ?? 'killed'}\n${stdout}${stderr}`.trim());
  return stdout;
}

/** Kills a detached child and everything that it started in its group. */
export function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/** What every program gets. */
export const basicEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root'
} as const;
