/** Other programs, never waited for. */

import { readfile, unlink } from 'fs';
import { process } from 'uloop';
import { RUN_DIR } from './flash.ts';

/** Ours, for what takes time and memory. */
const REPORT = '/usr/libexec/tailscale-ram/report';
const LARGEST = 262144;
let count = 0;

/**
 * Runs a program with its arguments; `done` gets its exit code, 127 if it cannot be started, and what it printed,
 * of stderr too. Returns what ends it.
 */
function runProgram(command: readonly string[], done: (code: number, output: string) => void): () => void {
  let file = `${RUN_DIR}/output-${++count}`;
  // The names are arguments: the shell reads nothing of them.
  let shell = ['-c', 'file=$0; exec "$@" >"$file" 2>&1', file, ...command];
  let child = process('/bin/sh', shell, {}, (code) => {
    let output = readfile(file, LARGEST) ?? '';
    unlink(file);
    done(code, output);
  });
  if (!child) done(127, '');
  return () => {
    if (child) process('/bin/kill', [`${child.pid()}`], {}, () => null);
  };
}

export { REPORT, runProgram };
