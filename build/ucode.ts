import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blankSourceFile } from 'ts-blank-space';
import ts from 'typescript';
import { makeGlobal } from './globals.ts';
import { repository } from './package.ts';
import { shortener } from './shorten.ts';
import { partOf, shrink, type Part } from './shrink.ts';

/** A module of ucode. */
export interface UcodeModule {
  /** Such as `agent/main.uc`: its path as of its source, from the folder that holds the compiled one. */
  name: string;
  text: string;
  /** What it exports, by the names in the source: the names that are global once it was loaded. */
  exports: Record<string, string>;
  part: Part;
}

/**
 * Compiles a folder of TypeScript, and the modules that it imports from beside it, to ucode: checks the types,
 * erases them, shortens names, and takes comments and indentation away. Every line of a module stays where it was, so
 * what ucode says about a line is about that of the source; in a program of several, it is about the built file's.
 *
 * Throws with the compiler's messages if there is something wrong. No folder, no modules.
 */
export async function compileUcode(folder: string): Promise<UcodeModule[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sources = entries.filter((name) => /(?<!\.d)\.ts$/.test(name)).map((name) => join(folder, name));
  if (sources.length === 0) return [];
  const program = check(sources);

  const erased = new Map<ts.SourceFile, string>();
  const add = (path: string): void => {
    const source = program.getSourceFile(path);
    if (!source || erased.has(source)) return;
    const { text, imports } = erase(source);
    erased.set(source, text);
    for (const specifier of imports) add(join(dirname(path), specifier));
  };
  for (const source of sources) add(source);

  const shorten = shortener([...erased.keys()], program.getTypeChecker());
  const modules = [...erased].map(([source, text]) => {
    const name = relative(dirname(folder), source.fileName).replace(/\.ts$/, '.uc');
    if (name.startsWith('..')) throw new Error(`${source.fileName} is not beside ${folder}`);
    const { shortened, exports } = shorten(source, text);
    const made = makeGlobal(shortened);
    return { name, text: shrink(made), exports, part: partOf(made) };
  });
  // Of a module of types nothing is left.
  return modules.filter(({ text }) => /[^\s;]/.test(text));
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
