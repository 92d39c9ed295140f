import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Allow } from '../host/system/ubus-http.ts';

/** Who asks a preview's agent, and what they may: two logins, as rpcd would have them. */
export interface Access {
  /** The session of one who may do everything that the package's access list knows of. */
  full: string;
  /** That of one who may only look. */
  readonly: string;
  /** For `answerUbus`. */
  allow: Allow;
}

/** `tree` is what the package installs. */
export async function readAccess(tree: string): Promise<Access> {
  const text = await readFile(join(tree, 'usr/share/rpcd/acl.d/luci-app-tailscale-ram.json'), 'utf8');
  const groups = Object.values(JSON.parse(text) as Record<string, Group>);
  const full = randomBytes(16).toString('hex');
  const readonly = randomBytes(16).toString('hex');
  return {
    full,
    readonly,
    allow(session, object, method) {
      if (session !== full && session !== readonly) return false;
      const grants = (rights: Rights | undefined): boolean =>
        rights?.ubus?.[object]?.some((name) => name === method || name === '*') ?? false;
      return groups.some(({ read, write }) => grants(read) || (session === full && grants(write)));
    }
  };
}

interface Group {
  read?: Rights;
  write?: Rights;
}

interface Rights {
  /** Object to methods. */
  ubus?: Record<string, string[]>;
}
