import ts from 'typescript';

/** Gives a module's text shorter names. `text` is that of `source` with all types blank, everything in its place. */
export type Shorten = (
  source: ts.SourceFile,
  text: string
) => { shortened: string; exports: Record<string, string> };

/**
 * Shortens what only these modules know by its name, which is a sixth of their size, even compressed: what they
 * export to each other is `Aa`, `Ab`, …, their own functions and constants `A`, `B`, …, and what is in a function
 * `a`, `b`, …, in each one from the start, so that functions look alike.
 */
export function shortener(sources: readonly ts.SourceFile[], checker: ts.TypeChecker): Shorten {
  const shared = new Map<ts.Symbol, string>();
  const exportNames = shortNames(/^[A-Z][a-z]$/, new Set());
  for (const source of sources) {
    const module = checker.getSymbolAtLocation(source);
    for (const symbol of module ? checker.getExportsOfModule(module) : []) {
      const target = resolve(symbol, checker);
      if (isValueOf(source, target)) shared.set(target, exportNames[shared.size] ?? symbol.name);
    }
  }

  return (source, text) => {
    const uses = findUses(source, text, checker);
    const taken = new Set(identifiersIn(source).map((node) => node.text));
    const names = new Map(shared);
    const exports: Record<string, string> = {};
    for (const [symbol, short] of shared) if (isValueOf(source, symbol)) exports[symbol.name] = short;
    const own = [...uses.keys()].filter((symbol) => !shared.has(symbol) && isValueOf(source, symbol));
    for (const [symbol, short] of nameOwn(own, taken)) names.set(symbol, short);

    const edits = [...uses].flatMap(([symbol, nodes]) => {
      const short = names.get(symbol);
      return short === undefined ? [] : nodes.map((node) => ({ node, short }));
    });
    let shortened = text;
    for (const { node, short } of edits.sort((a, b) => b.node.getStart() - a.node.getStart())) {
      const name = ts.isShorthandPropertyAssignment(node.parent) ? `${node.text}: ${short}` : short;
      shortened = shortened.slice(0, node.getStart()) + name + shortened.slice(node.getEnd());
    }
    return { shortened, exports };
  };
}

/** Where each symbol stands in what is left of the source. */
function findUses(
  source: ts.SourceFile,
  text: string,
  checker: ts.TypeChecker
): Map<ts.Symbol, ts.Identifier[]> {
  const uses = new Map<ts.Symbol, ts.Identifier[]>();
  for (const node of identifiersIn(source)) {
    const symbol = ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : ts.isExportSpecifier(node.parent)
        ? checker.getExportSpecifierLocalTargetSymbol(node.parent)
        : checker.getSymbolAtLocation(node);
    if (!symbol || text.slice(node.getStart(), node.getEnd()) !== node.text) continue;
    const target = resolve(symbol, checker);
    uses.set(target, [...(uses.get(target) ?? []), node]);
  }
  return uses;
}

function identifiersIn(node: ts.Node): ts.Identifier[] {
  const found: ts.Identifier[] = ts.isIdentifier(node) ? [node] : [];
  ts.forEachChild(node, (child) => {
    found.push(...identifiersIn(child));
  });
  return found;
}

/** What an import or export stands for. */
function resolve(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Whether it is a function, variable or parameter of this module. */
function isValueOf(source: ts.SourceFile, symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (declaration) =>
      declaration.getSourceFile() === source &&
      (ts.isFunctionDeclaration(declaration) ||
        ts.isVariableDeclaration(declaration) ||
        ts.isParameter(declaration))
  );
}

function nameOwn(symbols: readonly ts.Symbol[], taken: ReadonlySet<string>): Map<ts.Symbol, string> {
  const inside = (scope: ts.Node): ts.Symbol[] => symbols.filter((symbol) => scopeOf(symbol) === scope);
  // Behind those of the functions around it.
  const first = (scope: ts.Node): number => {
    const outer = ts.findAncestor(scope.parent, ts.isFunctionLike);
    return outer ? first(outer) + inside(outer).length : 0;
  };
  const names = new Map<ts.Symbol, string>();
  for (const scope of new Set(symbols.map(scopeOf))) {
    const isModule = ts.isSourceFile(scope);
    const short = shortNames(isModule ? /^[A-Z]{1,2}$/ : /^[a-z]{1,2}$/, taken);
    inside(scope).forEach((symbol, i) => {
      names.set(symbol, short[i + (isModule ? 0 : first(scope))] ?? symbol.name);
    });
  }
  return names;
}

/** The function that it is declared in, or the module. */
function scopeOf(symbol: ts.Symbol): ts.Node {
  const declaration = symbol.declarations?.[0];
  if (!declaration) throw new Error(`${symbol.name} is declared nowhere`);
  return ts.findAncestor(declaration.parent, ts.isFunctionLike) ?? declaration.getSourceFile();
}

const keywords = ['if', 'in', 'do', 'lc', 'uc'];

/** All names of one letter and two that are of this form, without those that mean something already. */
function shortNames(form: RegExp, taken: ReadonlySet<string>): string[] {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  const names = ['', ...letters].flatMap((before) => letters.map((letter) => before + letter));
  return names.filter((name) => form.test(name) && !taken.has(name) && !keywords.includes(name));
}
