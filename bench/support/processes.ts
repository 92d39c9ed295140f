import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { sleep } from '../../dev/tailnet/wait.ts';

export interface ProcessInfo {
  pid: number;
  /** R, S, D, T, Z … as in proc(5). */
  state: string;
  /** The program's path; empty for a zombie. */
  program: string;
}

/** The processes of a group, zombies included. */
export function processesOf(group: number): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const fields = fieldsOf(read(`/proc/${name}/stat`));
      if (Number(fields[groupField]) !== group) return [];
      return [{ pid: Number(name), state: fields[stateField] ?? '', program: programOf(Number(name)) }];
    });
}

/** The path of the program that a process runs; empty if it has ended. */
export function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

/** What a process is called; empty if it has ended. */
export function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** Seconds of processor time of a process and those of its children that have ended, from its `/proc/PID/stat`. */
export function processorSeconds(stat: string): number {
  const ticks = fieldsOf(stat).slice(utimeField, utimeField + 4);
  return ticks.reduce((sum, field) => sum + Number(field), 0) / ticksPerSecond;
}

/** Bytes of anonymous memory of a process; of what it shares with others, its share. 0 if it has ended. */
export function anonymousBytes(pid: number): number {
  const kibibytes = /^Pss_Anon:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/**
 * Stops a process group, has `look` see it while nothing moves, and lets it go on. Returns undefined if the group
 * did not come to rest (a process was in the kernel) or has ended.
 */
export async function whileStopped<T>(
  group: number,
  look: (processes: ProcessInfo[]) => T
): Promise<T | undefined> {
  process.kill(-group, 'SIGSTOP');
  try {
    for (let tries = 0; tries < 20; tries++) {
      const processes = processesOf(group);
      if (processes.every(({ state }) => state === 'T' || state === 'Z')) return look(processes);
      await sleep(1);
    }
    return undefined;
  } finally {
    process.kill(-group, 'SIGCONT');
  }
}

/** The fields of a stat line from the third on, which follow the name in parentheses. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

const stateField = 0;
const groupField = 2;
const utimeField = 11;
/** What Linux tells its processes, whatever its own clock: USER_HZ. */
const ticksPerSecond = 100;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
