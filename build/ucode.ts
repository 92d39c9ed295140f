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
    const { text, imports } = erase(source);
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
function erase(source: ts.SourceFile): { text: string; imports: string[] } {
  let text = blankSourceFile(source);
  const imports: string[] = [];
  for (const { moduleSpecifier } of source.statements.filter(ts.isImportDeclaration)) {
    const end = moduleSpecifier.getEnd() - 1;
    // It is blank if the import was one of types.
    if (text.slice(end - 3, end) !== '.ts') continue;
    text = `${text.slice(0, end - 3)}.uc${text.slice(end)}`;
    imports.push((moduleSpecifier as ts.StringLiteral).text);
  }
  return { text, imports };
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
    shrunk += separator(text.slice(end, start)) + text.slice(start, node.getEnd());
    end = node.getEnd();
  };
  visit(source);
  return shrunk;
}

function separator(between: string): string {
  return between.replace(/[^\n]/g, '') || (between === '' ? '' : ' ');
}
