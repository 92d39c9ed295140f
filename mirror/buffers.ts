import { createHash } from 'node:crypto';
import { appendFile, chmod, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { go } from '../dev/setup/go.ts';

/**
 * What a compact build changes in Tailscale, beside leaving things out: the size of the buffers that packets lie in.
 *
 * On Linux, wireguard-go takes 64 KB for each packet, because the kernel may hand over several at once (UDP GRO), and
 * has thousands of them under way: after seconds of TCP a daemon has 50 MB and more, and gives little back. On Android,
 * Tailscale takes 2,200 bytes; so do compact builds, which then have 13 to 22 MB. What the kernel hands over at once
 * goes through two large buffers a socket, out of which Tailscale copies each packet anyway.
 */
const bufferBytes = 2200;

interface Change {
  /** In Tailscale's module, or in wireguard-go's. */
  file: string;
  /** Each stands there once. */
  replacements: readonly (readonly [RegExp, string])[];
}

const smallBuffers: Change = {
  file: 'wireguard-go/device/queueconstants_default.go',
  replacements: [[/(MaxSegmentSize +=) .*/g, `$1 ${bufferBytes}`]]
};

const largeReads: Change = {
  file: 'net/batching/conn_linux.go',
  replacements: [
    [/^(type linuxBatchingConn struct \{)$/gm, '$1\n\tlarge largeBuffers'],
    [/c\.xpc\.ReadBatch\(msgs\[readAt:\], 0\)/g, 'c.readLarge(msgs[readAt:])'],
    [/return c\.splitCoalescedMessages\(msgs, readAt\)/g, 'return c.splitLarge(msgs, readAt)']
  ]
};

const largeBuffers = `package batching

import "golang.org/x/net/ipv6"

type largeBuffers struct {
	buffers [2][1 << 16]byte
	lent    [2][]byte
}

func (c *linuxBatchingConn) readLarge(msgs []ipv6.Message) (int, error) {
	for i := range msgs {
		c.large.lent[i] = msgs[i].Buffers[0]
		msgs[i].Buffers[0] = c.large.buffers[i][:]
	}
	n, err := c.xpc.ReadBatch(msgs, 0)
	if err != nil || n == 0 {
		for i := range msgs {
			msgs[i].Buffers[0] = c.large.lent[i]
		}
	}
	return n, err
}

func (c *linuxBatchingConn) splitLarge(msgs []ipv6.Message, readAt int) (int, error) {
	n, err := c.splitCoalescedMessages(msgs, readAt)
	for i := range msgs[readAt:] {
		msg := &msgs[readAt+i]
		msg.N = copy(c.large.lent[i], msg.Buffers[0][:msg.N])
		msg.Buffers[0] = c.large.lent[i]
	}
	return n, err
}
`;

/** For versions that do not read like that; it costs a fifth of what a fast processor receives. */
const noCoalescing = `package device

import "os"

func init() { os.Setenv("TS_DEBUG_DISABLE_UDP_GRO", "1") }
`;

/** Of all that is changed. */
export const changesHash = createHash('sha256')
  .update(
    [smallBuffers, largeReads]
      .map(({ file, replacements }) => [file, ...replacements.flat()].join('\n'))
      .join('\n')
  )
  .update(largeBuffers + noCoalescing)
  .digest('hex');

/**
 * Copies Tailscale's module from `module` to the new `folder`, with small buffers. Throws one line if there is
 * no network, or if this version's wireguard-go has none that are known here.
 */
export async function copyWithSmallBuffers(module: string, folder: string): Promise<void> {
  const wireguard = JSON.parse(
    await go(['mod', 'download', '-json', 'github.com/tailscale/wireguard-go'], { cwd: module })
  ) as { Dir: string };
  await cp(module, folder, { recursive: true });
  await cp(wireguard.Dir, join(folder, 'wireguard-go'), { recursive: true });
  // Go's own are for reading alone.
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  await appendFile(join(folder, 'go.mod'), '\nreplace github.com/tailscale/wireguard-go => ./wireguard-go\n');

  if (!(await change(folder, smallBuffers)))
    throw new Error(`${wireguard.Dir} has no buffers that are known here`);
  if (await change(folder, largeReads))
    await writeFile(join(folder, 'net/batching/large_linux.go'), largeBuffers);
  else await writeFile(join(folder, 'wireguard-go/device/no_coalescing.go'), noCoalescing);
}

/** Changes nothing, and returns false, unless all of it is there. */
async function change(folder: string, { file, replacements }: Change): Promise<boolean> {
  const path = join(folder, file);
  let text = await readFile(path, 'utf8').catch(() => '');
  for (const [what, by] of replacements) {
    if (text.match(what)?.length !== 1) return false;
    text = text.replace(what, by);
  }
  await writeFile(path, text);
  return true;
}
