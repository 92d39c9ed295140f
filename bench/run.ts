import { readdir } from 'node:fs/promises';

/** `npm run bench [-- NAME [ARGS …]]`: runs bench/NAME.ts, or all of them. */

interface Bench {
  run: (args: readonly string[]) => Promise<void>;
}

const [name, ...args] = process.argv.slice(2);
const entries = await readdir(new URL('.', import.meta.url));
const all = entries
  .filter((entry) => entry.endsWith('.ts') && entry !== 'run.ts')
  .map((entry) => entry.slice(0, -3));

if (name !== undefined && !all.includes(name)) {
  console.error(`There is no bench called ${name}; there are: ${all.join(', ')}`);
  process.exit(2);
}
for (const each of name === undefined ? all : [name]) {
  const bench = (await import(`./${each}.ts`)) as Bench;
  await bench.run(args);
}
