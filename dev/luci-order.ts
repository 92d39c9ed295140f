import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gunzipSync } from 'node:zlib';
import ts from 'typescript';
import { orderFile, pages, shortened } from '../build/luci.ts';
import { readPackageInfo, repository } from '../build/package.ts';

/**
 * `node dev/run.mjs dev/luci-order.ts SECONDS`, after `npm run build`: looks for the order of the pages' functions in
 * which the package is smallest, by moving some here and there, and keeps it in build/luci-order.txt.
 */
const source = 'overview.ts';
const text = await readFile(
  new URL(`dist/root/www/luci-static/resources/${pages[source]}`, repository),
  'utf8'
);
const { statements } = ts.createSourceFile('', text, ts.ScriptTarget.ESNext, true);
const textOf = ({ pos, end }: ts.Node): string => text.slice(pos, end);
const [list] = statements.filter(ts.isVariableStatement).slice(-1);
if (!list) throw new Error('there are no functions');
const [first, last] = [text.slice(0, list.pos), text.slice(list.end)];
let best = [...list.declarationList.declarations];

// What stands before and after it in the package counts, too.
const { name, version } = await readPackageInfo();
const ipk = fileURLToPath(new URL(`dist/${name}_${version}_all.ipk`, repository));
const data = gunzipSync(execFileSync('tar', ['-xzOf', ipk, './data.tar.gz']));
const now = Buffer.from(text);
const at = data.indexOf(now);
const reach = 32_768;
const before = data.subarray(Math.max(0, at - reach), at);
const after = data.subarray(at + now.length, at + now.length + reach);
const size = (functions: readonly ts.Node[]): number => {
  const page = `${first}let ${functions.map(textOf).join()};${last}`;
  const whole = Buffer.concat([before, Buffer.from(page), after]);
  return deflateRawSync(whole, { level: 9, memLevel: 9 }).length;
};

const random = (below: number): number => Math.floor(Math.random() * below);
const until = Date.now() + Number(process.argv[2] ?? 60) * 1000;
let least = size(best);
console.log(least);
while (Date.now() < until) {
  const tried = [...best];
  const moved = tried.splice(random(tried.length), 1 + random(5));
  tried.splice(random(tried.length + 1), 0, ...moved);
  const made = size(tried);
  if (made <= least) [best, least] = [tried, made];
}
console.log(least);
const [, names] = await shortened(source);
const long = new Map([...names].map(([long, short]) => [short, long]));
const found = best.map(({ name }) => long.get(name.getText()) ?? '');
await writeFile(orderFile, `${found.join('\n')}\n`);
