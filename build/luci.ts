import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { minify } from 'terser';
import { repository } from './package.ts';

/** What LuCI loads once for all of them, as the global `common`. */
const shared = 'common.ts';

/** Where LuCI looks for each of `src/luci`, below /www/luci-static/resources. */
const pages = {
  [shared]: 'tailscale-ram/common.js',
  'status.ts': 'view/tailscale-ram/status.js',
  'devices.ts': 'view/tailscale-ram/devices.js',
  'settings.ts': 'view/tailscale-ram/settings.js',
  'diagnostics.ts': 'view/tailscale-ram/diagnostics.js',
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

/** Bundles LuCI's pages into `root`, each a file, with what they share in one more. */
export async function buildLuci(root: string): Promise<void> {
  for (const [source, target] of Object.entries(pages)) {
    const path = join(root, 'www/luci-static/resources', target);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await bundle(source));
  }
}

function entry(source: string): { entryPoints: string[] } {
  return { entryPoints: [fileURLToPath(new URL(`src/luci/${source}`, repository))] };
}

/** LuCI makes a function of a module's text, which returns a class; its directives stay at the top. */
async function bundle(source: string): Promise<string> {
  const plugins = source === shared ? [] : [await fromShared(source)];
  const { outputFiles } = await build({ ...entry(source), ...toModule, plugins });
  const text = outputFiles[0]?.text ?? '';
  const exported = /export \{([^}]*)\};\s*$/.exec(text);
  if (!exported) throw new Error(`${source} exports nothing`);
  return smaller(text.slice(0, exported.index) + returned(exported[1] ?? ''));
}

/** A thirtieth smaller, compressed, than esbuild's own. */
async function smaller(text: string): Promise<string> {
  const { code } = await minify(text, {
    ecma: 2020,
    toplevel: true,
    parse: { bare_returns: true },
    compress: { passes: 3, directives: false, keep_fargs: false, unsafe_arrows: true }
  });
  return `${code ?? ''}\n`;
}

/** Of `a as default`, the class itself; of several names, a class that has them. */
function returned(exported: string): string {
  const names = exported.split(',').map((name) => name.trim().split(' as '));
  const [first] = names;
  if (names.length === 1 && first?.[1] === 'default') return `return ${first[0] ?? ''};`;
  return `return baseclass.extend({${names.map(([inner, outer]) => `${outer ?? inner}:${inner}`).join()}});`;
}

/** What a page imports from the shared module it takes from the global; so each thing has one short name in a page. */
async function fromShared(source: string): Promise<Plugin> {
  const { outputFiles } = await build({ ...entry(source), ...toModule, external: ['*/common.ts'] });
  const imports = (outputFiles[0]?.text ?? '').matchAll(/^import \{([^}]*)\} from ".*\/common\.ts";$/gm);
  const names = [...imports].flatMap(([, list]) => (list ?? '').split(',').map((name) => name.trim()));
  const used = new Set(names.map((name) => name.replace(/ as .*/, '')));
  return {
    name: 'shared module',
    setup(bundling) {
      bundling.onResolve({ filter: /[/]common\.ts$/ }, () => ({ path: shared, namespace: 'shared' }));
      bundling.onLoad({ filter: /./, namespace: 'shared' }, () => ({
        contents: `export const { ${[...used].join(', ')} } = common;`
      }));
    }
  };
}
