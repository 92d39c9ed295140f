/** What has to outlive a power cut: in files of their own, whole or not at all, and written only if they change. */

import { mkdir, readfile, rename, writefile } from 'fs';
import { process } from 'uloop';

/** In RAM, and on flash. */
const RUN_DIR = getenv('TSR_RUN_DIR') ?? '/var/run/tailscale-ram';
const STATE_DIR = getenv('TSR_STATE_DIR') ?? '/etc/tailscale-ram';

/** False: nothing can be written. */
function saveFile(file: string, text: string): boolean {
  if (readfile(file) == text) return true;
  mkdir(STATE_DIR, 0o700);
  return writefile(`${file}.new`, text) != null && rename(`${file}.new`, file) == true;
}

/** Calls back once the kernel has written everything. */
function sync(done: () => void): void {
  if (!process('/bin/sync', [], {}, done)) done();
}

export { RUN_DIR, saveFile, STATE_DIR, sync };
