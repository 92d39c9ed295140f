import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readOptions } from '../../mirror/options.ts';

/**
 * The steps of .github/workflows/mirror.yml, run here as GitHub runs them, with stand-ins for curl and npm. What is
 * wrong with the file itself is for the linter.
 */

const workflow = readFileSync(new URL('../../.github/workflows/mirror.yml', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'workflow-'));
const programs = join(folder, 'programs');
mkdirSync(programs);
const temp = join(folder, 'temp');

const test = suite("a mirror's workflow");
test.before.each(() => {
  rmSync(temp, { recursive: true, force: true });
  mkdirSync(temp);
  // Tells what it was called with, and what it could read then.
  program(
    'npm',
    `printf '%s\\n' "$@" >'${folder}/arguments'; cat "$RUNNER_TEMP"/*.sec >'${folder}/keys'
stat -c %a "$RUNNER_TEMP"/*.sec >'${folder}/modes'; env >'${folder}/environment'; mkdir "$RUNNER_TEMP/site"`
  );
});
test.after(() => {
  rmSync(folder, { recursive: true });
});

test('gives the key to nobody but the command, as a file', () => {
  const { status, stderr } = run('Build and sign', { MIRROR_KEY: 'secret-one', VERSION: 'latest' });
  assert.is(status, 0, stderr);
  const options = readOptions(argumentsOfNpm());
  assert.equal(options.keys, [join(temp, '1.sec')]);
  assert.equal(options.versions, ['latest']);
  assert.is(options.out, join(temp, 'site'));
  assert.is(options.name, undefined);
  assert.is(options.previous, undefined);
  assert.is(told('keys'), 'secret-one\n');
  assert.is(told('modes'), '600\n');
  assert.not.match(told('environment') + told('arguments'), /secret-one/);
  assert.not(existsSync(join(temp, '1.sec')));
  assert.is(statSync(join(temp, 'site')).mode & 0o777, 0o755);
});

test('signs with two keys while one is replaced, and goes on from the manifest before', () => {
  writeFileSync(join(temp, 'previous'), 'tailscale-ram-mirror 1\n');
  const keys = { MIRROR_KEY: 'secret-one', MIRROR_KEY_2: 'secret-two' };
  run('Build and sign', { ...keys, NAME: 'tailscale.example.org', VERSION: '1.102.5' });
  const options = readOptions(argumentsOfNpm());
  assert.equal(options.keys, [join(temp, '1.sec'), join(temp, '2.sec')]);
  assert.is(options.previous, join(temp, 'previous'));
  assert.is(options.name, 'tailscale.example.org');
  assert.is(told('keys'), 'secret-one\nsecret-two\n');
});

test('fails if the command does', () => {
  program('npm', 'exit 1');
  assert.is(run('Build and sign', { MIRROR_KEY: 'secret-one', VERSION: 'latest' }).status, 1);
});

test('tells a mirror that is not there yet from one that cannot be reached', () => {
  const step = 'Get the manifest before this one';
  const previous = join(temp, 'previous');
  const answers = (status: string, code = 0) => {
    program('curl', `echo content >"$RUNNER_TEMP/previous"; printf '%s' ${status}; exit ${code}`);
    return run(step, { URL: 'https://example.github.io/mirror/manifest' });
  };
  assert.is(answers('200').status, 0);
  assert.ok(existsSync(previous));
  assert.is(answers('404').status, 0);
  assert.not(existsSync(previous));
  const { status, stdout } = answers('503');
  assert.is(status, 1);
  assert.match(stdout, /answers 503/);
  assert.is.not(answers('000', 6).status, 0);
});

test('pins every action by its commit, and asks for no more than it needs', () => {
  const used = [...workflow.matchAll(/uses: (.*)$/gm)].map(([, action]) => action ?? '');
  assert.ok(used.length >= 5);
  for (const action of used) assert.match(action, /^actions\/[\w-]+@[0-9a-f]{40} # v[\d.]+$/);
  assert.match(workflow, /^permissions: \{\}$/m);
  const granted = [...workflow.matchAll(/^ {6}([\w-]+): (?:read|write)$/gm)].map(([line]) => line.trim());
  assert.equal(granted, ['contents: read', 'pages: write', 'id-token: write']);
});

test.run();

/** Runs a step's script by the shell and options that GitHub uses. */
function run(
  step: string,
  environment: Record<string, string>
): { status: number | null; stdout: string; stderr: string } {
  const script = new RegExp(`- name: ${step}\\n(?:[^-]*?)run: \\|\\n((?: {10}.*\\n)+)`).exec(workflow)?.[1];
  if (script === undefined) throw new Error(`there is no step ${step}`);
  const env = { PATH: `${programs}:${process.env['PATH'] ?? ''}`, RUNNER_TEMP: temp, ...environment };
  const shell = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script.replace(/^ {10}/gm, '')];
  return spawnSync('bash', shell, { env, encoding: 'utf8' });
}

function program(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function told(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

/** Those of the mirror's command. */
function argumentsOfNpm(): string[] {
  const [word, script, dashes, ...args] = told('arguments').trim().split('\n');
  assert.equal([word, script, dashes], ['run', 'mirror', '--']);
  return args;
}
