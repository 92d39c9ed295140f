import { createHash } from 'node:crypto';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptSize } from '../dev/mirror/kept-size.ts';
import { cacheDir, makeOnce } from '../dev/setup/cache.ts';
import { go } from '../dev/setup/go.ts';
import { mirrorArchs } from './archs.ts';
import { changesHash, copyWithSmallBuffers } from './buffers.ts';
import { newestOf } from './index.ts';
import { buildTags, type Flavour } from './tags.ts';

/** Makes a binary and returns its path. */
export type Compile = (version: string, arch: string, flavour: Flavour) => Promise<string>;

/**
 * The path of a compact build: `tailscaled`, which is `tailscale` under that name, with small buffers, stripped and
 * without what the kernel does not load. The same version of Go makes the same bytes on any machine. Throws one line
 * where there is no Go, no network, or no such version.
 */
export const compile: Compile = async (version, arch, flavour) => {
  const environment = { ...goDefaults, ...mirrorArchs[arch]?.go };
  const tags = buildTags(flavour);
  const compiler = await compilerVersion();
  const inputs = [compiler, JSON.stringify(environment), tags, changesHash];
  const key = createHash('sha256').update(inputs.join('\n'));
  const name = `${flavour}-${version}-${arch}-${key.digest('hex').slice(0, 16)}`;
  return makeOnce(join(cacheDir('go', 'compact'), name), async (path) => {
    console.error(`Building ${flavour} ${version} for ${arch}: a minute or two …`);
    const module = await go(['mod', 'download', '-json', `tailscale.com@v${version}`]);
    const { Dir } = JSON.parse(module) as { Dir: string };
    const stamps = ['shortStamp', 'longStamp'].map((stamp) => `-X tailscale.com/version.${stamp}=${version}`);
    const linking = ['-s', '-w', '-buildid=', ...stamps].join(' ');
    const reproducible = ['-trimpath', '-buildvcs=false', '-tags', tags, '-ldflags', linking];
    const work = await mkdtemp(join(tmpdir(), 'compact-'));
    try {
      const cwd = join(work, 'tailscale');
      await copyWithSmallBuffers(Dir, cwd);
      await go(['build', ...reproducible, '-o', path, './cmd/tailscaled'], { cwd, env: environment });
    } finally {
      await rm(work, { recursive: true });
    }
    await truncate(path, await keptSize(path));
  });
};

/** Such as `go1.26.8`: what the bytes depend on. */
export async function compilerVersion(): Promise<string> {
  return (await go(['env', 'GOVERSION'])).trim();
}

/** The newest stable release that the module proxy knows: those with an even second number. */
export async function newestVersion(): Promise<string> {
  const listed = await go(['list', '-m', '-versions', 'tailscale.com']);
  const stable = /^v(1\.\d*[02468]\.\d+)$/;
  const versions = listed
    .trim()
    .split(' ')
    .flatMap((version) => stable.exec(version)?.[1] ?? []);
  const newest = newestOf(versions);
  if (newest === '') throw new Error('The module proxy lists no release of Tailscale');
  return newest;
}

/** Processor levels that a machine's own settings must not change. */
const goDefaults = Object.fromEntries(
  ['GOAMD64', 'GOARM64', 'GOARM', 'GO386', 'GOMIPS', 'GOMIPS64', 'GOPPC64', 'GORISCV64', 'GOEXPERIMENT'].map(
    (name) => [name, '']
  )
);
