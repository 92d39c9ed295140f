import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { blankSourceFile } from 'ts-blank-space';
import ts from 'typescript';

/** A module of ucode as the body of a JavaScript function that returns what it exports. */
export interface HostModule {
  /** The URL of its source, for stack traces and coverage. */
  url: string;
  /** Every character stands where it stands in the source, unless a text before it has some that are not ASCII. */
  code: string;
  imports: readonly Import[];
}

export interface Import {
  /** The path of a source, or the name of one of ucode's modules. */
  from: string;
  /** What is imported: a name, or `*`. */
  name: string;
  local: string;
}

/** The modules of a program by their paths: the entry's, and of all that it imports. Types are not checked. */
export function compileForHost(entry: string): Record<string, HostModule> {
  const modules: Record<string, HostModule> = {};
  const add = (path: string): void => {
    if (modules[path]) return;
    const module = compileModule(path, readFileSync(path, 'utf8'));
    modules[path] = module;
    for (const { from } of module.imports) if (from.startsWith('/')) add(from);
  };
  add(resolve(entry));
  return modules;
}

/** `text` is what is at `path`: TypeScript, or ucode that is JavaScript, too. */
export function compileModule(path: string, text: string): HostModule {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  const edits: Edit[] = [];
  const imports: Import[] = [];
  const exported: string[] = [];

  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      imports.push(...importsOf(statement, path));
      edits.push(blank(statement, source));
    } else if (ts.isExportDeclaration(statement)) {
      exported.push(...exportsOf(statement));
      edits.push(blank(statement, source));
    } else if (ts.isVariableStatement(statement)) {
      const word = statement.modifiers?.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      if (!word) continue;
      exported.push(...statement.declarationList.declarations.map(({ name }) => name.getText(source)));
      edits.push(blank(word, source));
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) {
      const written = node.getText(source);
      const bytes = inBytes(written);
      if (bytes !== written) edits.push({ from: node.getStart(source), to: node.getEnd(), text: bytes });
    }
    node.forEachChild(visit);
  };
  visit(source);

  let code = blankSourceFile(source);
  for (const { from, to, text: instead } of edits.sort((a, b) => b.from - a.from))
    code = code.slice(0, from) + instead + code.slice(to);
  return {
    url: pathToFileURL(path).href,
    code: `${code}\nreturn { ${exported.join(', ')} };`,
    imports
  };
}

interface Edit {
  from: number;
  to: number;
  text: string;
}

function blank(node: ts.Node, source: ts.SourceFile): Edit {
  const from = node.getStart(source);
  const to = node.getEnd();
  return { from, to, text: source.text.slice(from, to).replace(/[^\n]/g, ' ') };
}

function importsOf({ importClause, moduleSpecifier }: ts.ImportDeclaration, path: string): Import[] {
  if (!importClause || importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
  const specifier = (moduleSpecifier as ts.StringLiteral).text;
  const from = specifier.startsWith('.') ? resolve(dirname(path), specifier) : specifier;
  const { name, namedBindings } = importClause;
  const found: Import[] = name ? [{ from, name: 'default', local: name.text }] : [];
  if (!namedBindings) return found;
  if (ts.isNamespaceImport(namedBindings)) return [{ from, name: '*', local: namedBindings.name.text }];
  for (const { isTypeOnly, propertyName, name: local } of namedBindings.elements)
    if (!isTypeOnly) found.push({ from, name: (propertyName ?? local).text, local: local.text });
  return found;
}

function exportsOf({ isTypeOnly, exportClause }: ts.ExportDeclaration): string[] {
  if (isTypeOnly || !exportClause || !ts.isNamedExports(exportClause)) return [];
  return exportClause.elements
    .filter((element) => !element.isTypeOnly)
    .map(({ propertyName, name }) => `${name.text}: ${(propertyName ?? name).text}`);
}

/** A literal with each byte of its UTF-8 as one character, as ucode's strings are. */
function inBytes(literal: string): string {
  return literal
    .replace(/(?<!\\)((?:\\\\)*)((?:\\u[0-9A-Fa-f]{4})+)/g, (_, before: string, escapes: string) => {
      const text = JSON.parse(`"${escapes}"`) as string;
      const bytes = [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`);
      return before + bytes.join('');
    })
    .replace(/[^\0-\x7f]+/g, (text) => Buffer.from(text).toString('latin1'));
}
