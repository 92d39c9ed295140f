import { readFile } from 'node:fs/promises';

/** What makes a node the same one for its tailnet: two private keys. */
export interface Identity {
  machineKey: string;
  nodeKey: string;
}

/** Reads tailscaled's state file, whose values are base64, most of them of JSON. Throws if the keys are not in it. */
export async function readIdentity(stateFile: string): Promise<Identity> {
  const state = JSON.parse(await readFile(stateFile, 'utf8')) as Record<string, string>;
  const value = (key: string) => Buffer.from(state[key] ?? '', 'base64').toString();
  const profile = JSON.parse(value(value('_current-profile'))) as { Config: { PrivateNodeKey: string } };
  const identity = { machineKey: value('_machinekey'), nodeKey: profile.Config.PrivateNodeKey };
  for (const key of Object.values(identity)) {
    if (!/^privkey:[0-9a-f]{64}$/.test(key) || /:0+$/.test(key)) throw new Error(`${stateFile} holds no key`);
  }
  return identity;
}
