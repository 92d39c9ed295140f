import { readdir, readFile } from 'node:fs/promises';
import ts from 'typescript';
import { repository } from '../package.ts';

/** A text that LuCI looks up in its catalogue. */
export interface Text {
  /** Tells apart what is the same in English alone. */
  context: string | undefined;
  id: string;
}

/** A text of this package, and the files that it stands in. */
export interface Message extends Text {
  references: string[];
}

/**
 * All texts below `from`, each once, in the order of their files' names and of their places therein: what LuCI's pages
 * give to `_()`, and the titles and descriptions of its menu and of its rights. Throws with file and line if a text
 * is not written out where it is given to `_()`.
 */
export async function extractMessages(from: URL = repository): Promise<Message[]> {
  const messages = new Map<string, Message>();
  for (const path of await findSources(from)) {
    const content = await readFile(new URL(path, from), 'utf8');
    const texts = path.endsWith('.json') ? textsOfJson(content) : textsOfScript(path, content);
    for (const text of texts) {
      const message = messages.get(keyOf(text)) ?? { ...text, references: [] };
      if (!message.references.includes(path)) message.references.push(path);
      messages.set(keyOf(text), message);
    }
  }
  return [...messages.values()];
}

/** What a text is looked up by. */
export function keyOf({ context, id }: Text): string {
  return context === undefined ? id : `${context}\u0001${id}`;
}

/** What a module in TypeScript or JavaScript gives to `_()`, in the order of their places. */
export function textsOfScript(path: string, content: string): Text[] {
  const source = ts.createSourceFile(path, content, ts.ScriptTarget.ESNext, true);
  const texts: Text[] = [];
  const problems: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const found = textOfCall(node.expression.text, node.arguments);
      if (typeof found === 'object') texts.push(found);
      else if (found !== undefined) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        problems.push(`${path}:${line + 1}: ${found}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return texts;
}

/** Every title and description in one of LuCI's files about menus and rights. */
export function textsOfJson(content: string): Text[] {
  const texts: Text[] = [];
  JSON.parse(content, (key, value: unknown) => {
    if (typeof value === 'string' && (key === 'title' || key === 'description'))
      texts.push({ context: undefined, id: collapse(value) });
    return value;
  });
  return texts;
}

/** A problem is a string; a call of something else is undefined. */
function textOfCall(name: string, args: readonly ts.Expression[]): Text | string | undefined {
  if (name === 'N_')
    return 'N_() has no place here: this package has no plurals, Intl knows all that are needed';
  if (name !== '_') return undefined;
  const [id, context] = args.map((argument) => literal(argument)?.trim());
  if (args.length < 1 || args.length > 2) return '_() takes a text, and a context if it needs one';
  if (id === undefined || (args.length === 2 && context === undefined))
    return '_() takes texts that are written out: of anything else no translator would know';
  if (id === '' || context === '') return '_() takes no empty text';
  // LuCI of OpenWrt 24.10 makes another hash of them than po2lmo.
  if (/[\u{10000}-\u{10ffff}]/u.test(id)) return '_() takes no characters beyond U+FFFF';
  return { context: context === undefined ? undefined : collapse(context), id: collapse(id) };
}

function literal(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isParenthesizedExpression(node)) return literal(node.expression);
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [literal(node.left), literal(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

/** As LuCI does before it looks a text up. */
function collapse(text: string): string {
  return text.trim().replace(/[ \t\n]+/g, ' ');
}

async function findSources(from: URL): Promise<string[]> {
  const below = async (folder: string, form: RegExp): Promise<string[]> => {
    const names = await readdir(new URL(folder, from), { recursive: true }).catch(() => []);
    return names.filter((name) => form.test(name)).map((name) => `${folder}/${name}`);
  };
  const found = await Promise.all([
    below('files/usr/share/luci/menu.d', /\.json$/),
    below('files/usr/share/rpcd/acl.d', /\.json$/),
    below('src/luci', /(?<!\.d)\.ts$/)
  ]);
  return found.flat().sort();
}
