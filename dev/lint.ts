import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { joinBootstrap } from '../build/bootstrap.ts';
import { actionlintBinary } from './setup/go.ts';

/** `npm run lint`: types, rules and form of everything that is written by hand. */

const run = promisify(execFile);

export interface Linted {
  name: string;
  /** What the linter said; absent if it had nothing to say. */
  problem?: string;
}

/** Runs each linter once, over all that it can read. */
export async function lint(): Promise<Linted[]> {
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard']);
  const files = stdout.split('\n').filter((file) => file !== '');
  const scripts = files.filter((file) => isShell(file));
  const folder = await mkdtemp(join(tmpdir(), 'lint-'));
  try {
    // The bootstrap's parts only make sense together.
    const bootstrap = join(folder, 'bootstrap');
    await writeFile(bootstrap, await joinBootstrap());
    const others = scripts.filter((file) => !file.startsWith('src/bootstrap/'));
    return [
      await linter('tsc', ['npx', 'tsc', '-p', 'tsconfig.json']),
      await linter('tsc of ucode', ['npx', 'tsc', '-p', 'tsconfig.ucode.json']),
      await linter('tsc of LuCI', ['npx', 'tsc', '-p', 'tsconfig.luci.json']),
      await linter('tsc of the preview', ['npx', 'tsc', '-p', 'dev/preview/frame/tsconfig.json']),
      await linter('eslint', ['npx', 'eslint', '.']),
      await linter('prettier', ['npx', 'prettier', '--check', '--log-level=warn', '.']),
      await linter('shellcheck', ['shellcheck', '-s', 'dash', '-e', 'SC2015', bootstrap, ...others]),
      await linter('shfmt', ['shfmt', '-ln', 'posix', '-i', '0', '-d', ...scripts]),
      // With shellcheck for what the workflows run.
      await linter('actionlint', [await actionlintBinary()])
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function linter(name: string, [command, ...args]: readonly [string, ...string[]]): Promise<Linted> {
  try {
    await run(command, args, { maxBuffer: 1 << 26 });
    return { name };
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return { name, problem: `${stdout ?? ''}${stderr ?? ''}` || String(error) };
  }
}

/** Everything in the package that is not plain data is shell, but for ucode. */
function isShell(file: string): boolean {
  if (file.endsWith('.sh')) return true;
  const isInstalled = /^files\/(etc\/(init\.d|hotplug\.d|uci-defaults)|usr\/(sbin|libexec))\//.test(file);
  return isInstalled && !file.endsWith('.uc') && !readFileSync(file, 'utf8').startsWith('#!/usr/bin/ucode');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = await lint();
  for (const { name, problem } of found)
    console.log(problem === undefined ? `ok    ${name}` : `FAIL  ${name}\n${problem}`);
  process.exit(found.some(({ problem }) => problem !== undefined) ? 1 : 0);
}
