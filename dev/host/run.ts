import { runOnHost } from './program.ts';

/** `run.ts PROGRAM ARGS…`: runs a program of ucode's on Node, with this machine's files, and prints what it prints. */
const [program = '', ...args] = process.argv.slice(2);
const run = runOnHost(program, { root: '/', args });
process.exitCode = await run.ended;
process.stdout.write(Buffer.from(run.output(), 'latin1'));
