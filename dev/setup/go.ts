import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheDir, makeOnce } from './cache.ts';

export interface TailscaleBinaries {
  tailscaled: string;
  tailscale: string;
}

/**
 * Paths of a release's two binaries for this machine, not stripped, as the official archives have them; built
 * from the Go module at the first call. Throws one line where there is no Go or no network.
 */
export async function tailscaleBinaries(version: string): Promise<TailscaleBinaries> {
  const folder = await makeOnce(join(cacheDir('go'), `tailscale-${version}`), async (path) => {
    announce(`tailscale ${version}`);
    const stamp = `-X tailscale.com/version.shortStamp=${version} -X tailscale.com/version.longStamp=${version}`;
    const commands = ['tailscaled', 'tailscale'].map((name) => `tailscale.com/cmd/${name}@v${version}`);
    await mkdir(path);
    await go(['install', '-trimpath', '-tags', 'osusergo,netgo', '-ldflags', stamp, ...commands], {
      env: { GOBIN: path }
    });
  });
  return { tailscaled: join(folder, 'tailscaled'), tailscale: join(folder, 'tailscale') };
}

/** The path of headscale, the tests' control server; built at the first call, errors as above. */
export function headscaleBinary(): Promise<string> {
  return makeOnce(join(cacheDir('go'), `headscale-${headscaleVersion}`), async (path) => {
    announce(`headscale ${headscaleVersion}`);
    // Its module has `replace` lines, which `go install module@version` refuses.
    const module = await go([
      'mod',
      'download',
      '-json',
      `github.com/juanfont/headscale@v${headscaleVersion}`
    ]);
    const { Dir } = JSON.parse(module) as { Dir: string };
    await go(['build', '-trimpath', '-o', path, './cmd/headscale'], { cwd: Dir });
  });
}

/** The path of actionlint, which checks GitHub's workflows; built at the first call, errors as above. */
export async function actionlintBinary(): Promise<string> {
  const folder = await makeOnce(join(cacheDir('go'), `actionlint-${actionlintVersion}`), async (path) => {
    announce(`actionlint ${actionlintVersion}`);
    await mkdir(path);
    const command = `github.com/rhysd/actionlint/cmd/actionlint@v${actionlintVersion}`;
    await go(['install', '-trimpath', command], { env: { GOBIN: path } });
  });
  return join(folder, 'actionlint');
}

/** The path of dev/tailnet/testcontrol, a control server with many peers; built anew when its source has changed. */
export async function testcontrolBinary(): Promise<string> {
  const source = fileURLToPath(new URL('../tailnet/testcontrol', import.meta.url));
  const hash = createHash('sha256');
  for (const name of (await readdir(source)).sort()) hash.update(await readFile(join(source, name)));
  const key = hash.digest('hex').slice(0, 16);
  return makeOnce(join(cacheDir('go', 'testcontrol'), key), async (path) => {
    announce('a control server');
    await go(['build', '-trimpath', '-o', path, '.'], { cwd: source });
  });
}

/**
 * The path of a program that prints `text`, built in the Go environment of an architecture (see
 * `archs` in src/shared): a real ELF header of each, and something for qemu to run.
 */
export function goHello(environment: Readonly<Record<string, string>>, text = 'hello\n'): Promise<string> {
  return goProgram(
    `import "syscall"\n\nfunc main() { syscall.Write(1, []byte(${JSON.stringify(text)})) }`,
    environment
  );
}

/** The path of a small program for this machine that tells a version if asked `--version`, and else lives. */
export function goDaemon(version: string): Promise<string> {
  return goProgram(`import ("os"; "syscall")

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		os.Stdout.WriteString(${JSON.stringify(`${version}\n`)})
		return
	}
	for {
		syscall.Pause()
	}
}`);
}

function goProgram(main: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([environment, main]))
    .digest('hex')
    .slice(0, 16);
  return makeOnce(join(cacheDir('go', 'hello'), key), async (path) => {
    const source = await mkdtemp(join(tmpdir(), 'hello-'));
    try {
      await writeFile(join(source, 'main.go'), `package main\n\n${main}\n`);
      await go(['build', '-trimpath', '-o', path, 'main.go'], { cwd: source, env: environment });
    } finally {
      await rm(source, { recursive: true });
    }
  });
}

const headscaleVersion = '0.28.0';
const actionlintVersion = '1.7.12';

function announce(what: string): void {
  console.error(`Building ${what} from its Go module, once: a few minutes …`);
}

/**
 * Runs the go command and returns its standard output; the same flags always, so that its cache serves. Throws one
 * line if it fails.
 */
export async function go(
  args: string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {}
): Promise<string> {
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOOS: 'linux',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '',
    ...options.env
  };
  try {
    const { stdout } = await promisify(execFile)('go', args, { ...options, env, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    throw new Error(explanation(error), { cause: error });
  }
}

function explanation(error: unknown): string {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'Go is needed to build it, and there is no `go` on PATH';
  const lines = (stderr ?? String(error)).trim().split('\n');
  const last = lines.filter((line) => !line.startsWith('go: downloading ')).at(-1);
  return `The Go build failed: ${last ?? 'it does not say why'}`;
}
