import ts from 'typescript';

/** Gives a module's text shorter names. `text` is that of `source` with all types blank, everything in its place. */
export type Shorten = (
  source: ts.SourceFile,
  text: string
) => { shortened: string; exports: Record<string, string> };

/**
 * Shortens what only these modules know by its name, which is a sixth of their size, even compressed: what they
 * export to each other is `Aa`, `Ab`, …, their own functions and constants `A`, `B`, …, and what is in a function
 * `a`, `b`, ….
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
    const names = new Map(shared);
    const exports: Record<string, string> = {};
    for (const [symbol, short] of shared) if (isValueOf(source, symbol)) exports[symbol.name] = short;
    const isOwn = (symbol: ts.Symbol): boolean => !shared.has(symbol) && isValueOf(source, symbol);
    const own = new Map([...uses].filter(([symbol]) => isOwn(symbol)));
    const renamed = new Set([...own.values()].flat());
    const others = identifiersIn(source).filter((node) => !renamed.has(node) && !isProperty(node));
    for (const [symbol, short] of nameOwn(own, new Set(others.map((node) => node.text))))
      names.set(symbol, short);

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

/** Whether it is the name of a property, which is none of a value. */
function isProperty(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node;
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

/**
 * In each scope from the start: what is around it keeps its name from it only if something in there uses it. So functions
 * look more alike.
 */
function nameOwn(uses: ReadonlyMap<ts.Symbol, ts.Identifier[]>, taken: ReadonlySet<string>): Names {
  const names = new Map<ts.Symbol, string>();
  const scopes = new Set([...uses.keys()].map(scopeOf));
  for (const scope of [...scopes].sort((a, b) => a.pos - b.pos || b.end - a.end)) {
    const isInside = ({ pos, end }: ts.Node): boolean => scope.pos <= pos && end <= scope.end;
    const known = [...names].filter(([symbol]) => uses.get(symbol)?.some(isInside));
    const form = ts.isSourceFile(scope) ? /^[A-Z]{1,2}$/ : /^[a-z]{1,2}$/;
    const short = shortNames(form, new Set([...taken, ...known.map(([, name]) => name)]));
    [...uses.keys()]
      .filter((symbol) => scopeOf(symbol) === scope)
      .forEach((symbol, i) => names.set(symbol, short[i] ?? symbol.name));
  }
  return names;
}

type Names = Map<ts.Symbol, string>;

/** The function, block or loop that it is declared in, or the module. */
function scopeOf(symbol: ts.Symbol): ts.Node {
  const declaration = symbol.declarations?.[0];
  if (!declaration) throw new Error(`${symbol.name} is declared nowhere`);
  const scope = ts.findAncestor(
    declaration.parent,
    (node) =>
      ts.isFunctionLike(node) ||
      ts.isSourceFile(node) ||
      ts.isIterationStatement(node, false) ||
      ts.isCaseBlock(node) ||
      // That of a function is the same scope as its parameters.
      (ts.isBlock(node) && !ts.isFunctionLike(node.parent))
  );
  return scope ?? declaration.getSourceFile();
}

const keywords = ['if', 'in', 'do', 'lc', 'uc'];

/** All names of one letter and two that are of this form, without those that mean something already. */
function shortNames(form: RegExp, taken: ReadonlySet<string>): string[] {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  const names = ['', ...letters].flatMap((before) => letters.map((letter) => before + letter));
  return names.filter((name) => form.test(name) && !taken.has(name) && !keywords.includes(name));
}
