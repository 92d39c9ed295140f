import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { repository, type PackageInfo } from '../package.ts';
import { checkPo } from './check.ts';
import { extractMessages } from './extract.ts';
import { readLanguages, template, type Language } from './languages.ts';
import { renderLmo } from './lmo.ts';
import { parsePo, type Po } from './po.ts';
import { renderTemplate, writeIfOther } from './renew.ts';

/** What a language's package installs. */
export interface Translation {
  tree: string;
  info: PackageInfo;
  /** Such as `ja: 210 of 214 translated`. */
  said: string;
}

/**
 * Makes `directory` hold a tree for each language, with its modes, and brings the template up to date. Throws if there
 * is a translation of a text that there is no more, or one that would be shown wrong; those that are missing count.
 */
export async function buildTranslations(directory: string): Promise<Translation[]> {
  const messages = await extractMessages();
  await writeIfOther(template, renderTemplate(messages));
  const problems: string[] = [];
  const made: Translation[] = [];
  await rm(directory, { recursive: true, force: true });
  for (const language of await readLanguages()) {
    const { code, info } = language;
    const po = parsePo(language.po, await readFile(new URL(language.po, repository), 'utf8'));
    const checked = checkPo(language.po, po, messages);
    problems.push(...checked.problems);
    const tree = join(directory, code);
    await buildTree(tree, language, po);
    made.push({ tree, info, said: `${code}: ${checked.translated} of ${messages.length} translated` });
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return made;
}

/** As luci.mk lays it out: the catalogue, and what tells LuCI of the language. */
async function buildTree(tree: string, { code, title, info }: Language, po: Po): Promise<void> {
  const files = {
    [`etc/uci-defaults/${info.name}`]: `uci set luci.languages.${code.replace('-', '_')}='${title}'; uci commit luci\n`,
    [`usr/lib/lua/luci/i18n/tailscale-ram.${code}.lmo`]: renderLmo(po)
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, name)), { recursive: true });
    await writeFile(join(tree, name), content);
  }
  await chmod(tree, 0o755);
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true }))
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}
