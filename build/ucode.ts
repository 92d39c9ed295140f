import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blankSourceFile } from 'ts-blank-space';
import ts from 'typescript';
import { repository } from './package.ts';

/** A module of ucode. */
export interface UcodeModule {
  /** Such as `agent/main.uc`: its path as of its source, from the folder that holds the compiled one. */
  name: string;
  text: string;
}

/**
 * Compiles a folder of TypeScript, and the modules that it imports from beside it, to ucode: checks the types,
 * erases them, and takes comments and indentation away. Every line stays where it was, so what ucode says about a
 * line is about that of the source.
 *
 * Throws with the compiler's messages if there is something wrong. No folder, no modules.
 */
export async function compileUcode(folder: string): Promise<UcodeModule[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sources = entries.filter((name) => /(?<!\.d)\.ts$/.test(name)).map((name) => join(folder, name));
  if (sources.length === 0) return [];
  const program = check(sources);

  const modules = new Map<string, UcodeModule>();
  const add = (path: string): void => {
    const source = program.getSourceFile(path);
    if (!source || modules.has(path)) return;
    const { text, imports } = erase(source, program.getTypeChecker());
    const name = relative(dirname(folder), path).replace(/\.ts$/, '.uc');
    if (name.startsWith('..')) throw new Error(`${path} is not beside ${folder}`);
    modules.set(path, { name, text: shrink(text) });
    for (const specifier of imports) add(join(dirname(path), specifier));
  };
  for (const source of sources) add(source);
  // Of a module of types nothing is left.
  return [...modules.values()].filter(({ text }) => /[^\s;]/.test(text));
}

/** Type-checks the sources as tsconfig.ucode.json says. */
function check(sources: readonly string[]): ts.Program {
  const path = (name: string): string => fileURLToPath(new URL(name, repository));
  const { config } = ts.readConfigFile(path('tsconfig.ucode.json'), (name) => ts.sys.readFile(name)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, path('.'));
  const program = ts.createProgram([path('types/ucode/index.d.ts'), ...sources], options);
  const found = ts.getPreEmitDiagnostics(program);
  if (found.length > 0) {
    throw new Error(
      ts.formatDiagnostics(found, {
        getCanonicalFileName: (name) => name,
        getCurrentDirectory: () => path('.'),
        getNewLine: () => '\n'
      })
    );
  }
  return program;
}

/** The text without its types, and the modules beside it that it still imports. */
function erase(source: ts.SourceFile, checker: ts.TypeChecker): { text: string; imports: string[] } {
  let text = blankSourceFile(source);
  const imports: string[] = [];
  for (const { moduleSpecifier } of source.statements.filter(ts.isImportDeclaration)) {
    const end = moduleSpecifier.getEnd() - 1;
    // It is blank if the import was one of types.
    if (text.slice(end - 3, end) !== '.ts') continue;
    text = `${text.slice(0, end - 3)}.uc${text.slice(end)}`;
    imports.push((moduleSpecifier as ts.StringLiteral).text);
  }
  return { text: shortenNames(text, source, checker), imports };
}

/**
 * Gives what only this module knows by its name a shorter one: its functions and constants `A`, `B`, …, and what
 * is in a function `a`, `b`, …, in each one from the start, so that functions look alike.
 */
function shortenNames(text: string, source: ts.SourceFile, checker: ts.TypeChecker): string {
  const taken = new Set<string>(keywords);
  const exported = new Set<ts.Symbol | undefined>();
  const uses = new Map<ts.Symbol, ts.Identifier[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isExportSpecifier(node)) exported.add(checker.getExportSpecifierLocalTargetSymbol(node));
    if (ts.isVariableDeclaration(node) && ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export)
      exported.add(checker.getSymbolAtLocation(node.name));
    if (ts.isIdentifier(node)) {
      taken.add(node.text);
      const symbol = ts.isShorthandPropertyAssignment(node.parent)
        ? checker.getShorthandAssignmentValueSymbol(node.parent)
        : checker.getSymbolAtLocation(node);
      const isErased = text.slice(node.getStart(), node.getEnd()) !== node.text;
      if (symbol && !isErased && isOf(source, symbol)) uses.set(symbol, [...(uses.get(symbol) ?? []), node]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);

  const symbols = [...uses.keys()].filter((symbol) => !exported.has(symbol));
  const inside = (scope: ts.Node): ts.Symbol[] => symbols.filter((symbol) => scopeOf(symbol) === scope);
  // Behind those of the functions around it.
  const first = (scope: ts.Node): number => {
    const outer = ts.findAncestor(scope.parent, ts.isFunctionLike);
    return outer ? first(outer) + inside(outer).length : 0;
  };
  const edits: { start: number; end: number; name: string }[] = [];
  for (const scope of new Set(symbols.map(scopeOf))) {
    const names = shortNames(ts.isSourceFile(scope) ? 'A' : 'a', taken);
    const offset = ts.isSourceFile(scope) ? 0 : first(scope);
    inside(scope).forEach((symbol, i) => {
      const name = names[offset + i] ?? symbol.name;
      for (const node of uses.get(symbol) ?? []) {
        const isShorthand = ts.isShorthandPropertyAssignment(node.parent);
        edits.push({
          start: node.getStart(),
          end: node.getEnd(),
          name: isShorthand ? `${node.text}: ${name}` : name
        });
      }
    });
  }
  for (const { start, end, name } of edits.sort((a, b) => b.start - a.start))
    text = text.slice(0, start) + name + text.slice(end);
  return text;
}

/** Whether it is a function, variable or parameter of this module. */
function isOf(source: ts.SourceFile, symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (declaration) =>
      declaration.getSourceFile() === source &&
      (ts.isFunctionDeclaration(declaration) ||
        ts.isVariableDeclaration(declaration) ||
        ts.isParameter(declaration))
  );
}

/** The function that it is declared in, or the module. */
function scopeOf(symbol: ts.Symbol): ts.Node {
  const declaration = symbol.declarations?.[0];
  if (!declaration) throw new Error(`${symbol.name} is declared nowhere`);
  return ts.findAncestor(declaration.parent, ts.isFunctionLike) ?? declaration.getSourceFile();
}

const keywords = ['if', 'in', 'do', 'lc', 'uc'];

/** A thousand names of one letter and two from `first` on, without those that are taken. */
function shortNames(first: 'a' | 'A', taken: ReadonlySet<string>): string[] {
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(first.charCodeAt(0) + i));
  const names = ['', ...letters].flatMap((before) => letters.map((letter) => before + letter));
  return names.filter((name) => !taken.has(name));
}

/** Keeps every token and every line's number, and of the blanks and comments between them only what separates. */
function shrink(text: string): string {
  const source = ts.createSourceFile('module.js', text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  let shrunk = '';
  let end = 0;
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
    if (children.length > 0) {
      children.forEach(visit);
      return;
    }
    const start = node.getStart(source);
    const token = text.slice(start, node.getEnd());
    shrunk += separator(text.slice(end, start), shrunk, token) + token;
    end = node.getEnd();
  };
  visit(source);
  return shrunk;
}

/** Line ends stay; a blank does where two words, or two operators, would become one. */
function separator(between: string, before: string, after: string): string {
  const lines = between.replace(/[^\n]/g, '');
  const joins = /[\w$]{2}|[-+*/%&|^<>=!?.:~]{2}/.test(before.slice(-1) + after.slice(0, 1));
  return lines || (between !== '' && joins ? ' ' : '');
}
