import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';
import ts from 'typescript';
import { repository } from './package.ts';

/** Where LuCI looks for each of `src/luci`, below /www/luci-static/resources. */
export const pages = {
  'view.ts': 'view/tailscale-ram.js',
  // In this order on LuCI's overview: after system and memory.
  'overview.ts': 'view/status/include/22_tailscale-ram.js'
} as const;

const toModule = {
  bundle: true,
  write: false,
  format: 'esm',
  charset: 'utf8',
  target: 'es2022',
  legalComments: 'none'
} as const;

/** Bundles LuCI's pages into `root`: all are in one file, with the card on the overview. */
export async function buildLuci(root: string): Promise<void> {
  for (const [source, target] of Object.entries(pages)) {
    const path = join(root, 'www/luci-static/resources', target);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await bundle(source));
  }
}

/** The names of functions, one a line: dev/luci-order.ts has found that they compress best in this order. */
export const orderFile = new URL('build/luci-order.txt', repository);

/** LuCI makes a function of a module's text, which returns a class; its directives stay at the top. */
async function bundle(source: string): Promise<string> {
  const order = await readFile(orderFile, 'utf8');
  const [text, names] = await shortened(source);
  return inOrder(
    text,
    order.split('\n').map((name) => names.get(name) ?? '')
  );
}

/** All modules in one, without an export. */
async function joined(source: string): Promise<string> {
  const entryPoints = [fileURLToPath(new URL(`src/luci/${source}`, repository))];
  const { outputFiles } = await build({ ...toModule, entryPoints });
  const text = outputFiles[0]?.text ?? '';
  const exported = /export \{\s*(\w+) as default\s*\};\s*$/.exec(text);
  if (!exported) throw new Error(`${source} exports no class`);
  return `${text.slice(0, exported.index)}return ${exported[1] ?? ''};`.replace(constants, 'let ');
}

/** The compiler has seen that nothing is assigned to them; one word for all variables is smaller. */
const constants = /(?<=^\s*|\()const /gm;

/**
 * Functions can stand anywhere before what runs, the last statement: those first that nobody has ordered. All are of the
 * kind that takes fewer letters.
 */
function inOrder(text: string, order: readonly string[]): string {
  const { statements } = ts.createSourceFile('', text, ts.ScriptTarget.ESNext, true);
  const rank = ({ name }: ts.FunctionDeclaration): number => order.indexOf(name?.text ?? '');
  const functions = statements.filter(ts.isFunctionDeclaration).sort((a, b) => rank(a) - rank(b));
  const others = statements.filter((each) => !ts.isFunctionDeclaration(each));
  const last = others.pop();
  const list = functions.length > 0 ? `let ${functions.map(asArrow).join()};` : '';
  return `${others.map(textOf).join('')}${list}${last ? textOf(last) : ''}\n`;
}

/** `NAME=(PARAMETERS)=>BODY`; a body that only returns something is just that. */
function asArrow({ name, modifiers, parameters, body }: ts.FunctionDeclaration): string {
  const [first, second] = body?.statements ?? [];
  const returned = first && !second && ts.isReturnStatement(first) ? first.expression : undefined;
  const isBare = returned && !/^\s*\{/.test(textOf(returned)) && !isList(returned);
  const list = parameters.map(textOf).join();
  const head = /^\w+$/.test(list) ? list : `(${list})`;
  const does = returned ? (isBare ? textOf(returned) : `(${textOf(returned)})`) : (body?.getText() ?? '');
  return `${name?.text ?? ''}=${modifiers ? (head === list ? 'async ' : 'async') : ''}${head}=>${does.trim()}`;
}

function isList(node: ts.Expression): boolean {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken;
}

function textOf(node: ts.Node): string {
  return node.getFullText();
}

/** A thirtieth smaller, compressed, than esbuild's own; and the short name for each that was longer. */
export async function shortened(source: string): Promise<[text: string, names: Map<string, string>]> {
  const nameCache: { vars?: { props: Record<string, string> } } = {};
  const { code = '' } = await minify(await joined(source), {
    ecma: 2020,
    toplevel: true,
    nameCache,
    parse: { bare_returns: true },
    compress: {
      passes: 10,
      directives: false,
      hoist_vars: true,
      keep_fargs: false,
      unsafe: true,
      unsafe_arrows: true,
      unsafe_methods: true
    }
  });
  const names = Object.entries(nameCache.vars?.props ?? {});
  return [code, new Map(names.map(([long, short]) => [long.slice(1), short]))];
}
