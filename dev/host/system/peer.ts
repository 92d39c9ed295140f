import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';

/** Who listens at a unix socket's path, in the place of SO_PEERCRED, which Node does not have. */
export interface Peer {
  pid: number;
  uid: number;
  gid: number;
}

/** Of this network namespace; null if nobody does. */
export function findPeer(path: string): Peer | null {
  const listening = '00010000';
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  const inode = lines
    .map((line) => line.trim().split(/ +/))
    .find((fields) => fields[3] === listening && fields.slice(7).join(' ') === path)?.[6];
  if (inode === undefined) return null;
  const known = found.get(inode);
  const pid =
    known !== undefined && holds(known, inode) ? known : processes().find((each) => holds(each, inode));
  if (pid === undefined) return null;
  found.set(inode, pid);
  const { uid, gid } = statSync(`/proc/${pid}`);
  return { pid, uid, gid };
}
const found = new Map<string, number>();

function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Boolean);
}

function holds(pid: number, inode: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((name) => readlinkSync(`${folder}/${name}`) === `socket:[${inode}]`);
  } catch {
    // It has ended, or a descriptor of its has.
    return false;
  }
}
