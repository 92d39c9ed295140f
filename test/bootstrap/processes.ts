import { readdirSync, readFileSync } from 'node:fs';

/** The processes of a group, but those that have ended, as /proc tells of them. */
export function processesOf(group: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(fields[2]) === group && fields[0] !== 'Z' ? [stat] : [];
      } catch {
        return [];
      }
    });
}
