import { chmod, cp, readdir, readFile, rm, writeFile, appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { go } from '../dev/setup/go.ts';

/**
 * What a compact build changes in Tailscale, beside leaving things out: the size of the buffers that packets lie in.
 *
 * wireguard-go takes 64 KB for each packet, because Linux may hand over several at once (UDP GRO), and has thousands of them under
 * way: after seconds of TCP a daemon has 50 MB and more, of which it gives little back. On Android, Tailscale takes
 * 2,200 bytes, and so do compact builds: 13 to 22 MB. The price is that the kernel hands over each packet by itself,
 * which on a fast processor makes receiving a fifth slower.
 */
export const bufferBytes = 2200;

/** All that is not Tailscale's own in a compact build; without a comment, so that those change no bytes. */
export const noCoalescing = `package device

import "os"

func init() { os.Setenv("TS_DEBUG_DISABLE_UDP_GRO", "1") }
`;

/**
 * Copies Tailscale's module from `module` to the new `folder`, with small buffers. Throws one line if there is
 * no network, or if this version's wireguard-go is another one than what this is for.
 */
export async function copyWithSmallBuffers(module: string, folder: string): Promise<void> {
  const wireguard = JSON.parse(
    await go(['mod', 'download', '-json', 'github.com/tailscale/wireguard-go'], { cwd: module })
  ) as { Dir: string };
  await cp(module, folder, { recursive: true });
  const copied = join(folder, 'wireguard-go');
  await cp(wireguard.Dir, copied, { recursive: true });
  // Go's own are for reading alone.
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);

  const constants = join(copied, 'device', 'queueconstants_default.go');
  const text = await readFile(constants, 'utf8');
  const size = /(MaxSegmentSize +=) .*/g;
  if (text.match(size)?.length !== 1)
    throw new Error(`${wireguard.Dir} has no MaxSegmentSize that is known here`);
  await rm(constants);
  await writeFile(constants, text.replace(size, `$1 ${bufferBytes}`));
  await writeFile(join(copied, 'device', 'no_coalescing.go'), noCoalescing);
  await appendFile(join(folder, 'go.mod'), '\nreplace github.com/tailscale/wireguard-go => ./wireguard-go\n');
}
