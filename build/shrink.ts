import ts from 'typescript';

/** A module as a part of a program of several. */
export interface Part {
  /** All but its imports; a statement begins on a line of its own. What is global needs no `global.` in a program. */
  body: string;
  /** What it imports from beside it, in order, as written: `./daemon.uc`. */
  loads: string[];
  /** What it imports of ucode's own, as written, by its name here: `guardUbus`, of `ubus`, is `guard as guardUbus`. */
  builtins: Record<string, { from: string; what: string }>;
  /** All names in it that stand for a value. */
  names: string[];
}

/**
 * Keeps every line's number and every token, and of the blanks and comments between them only what separates; but
 * what was `const` is `let` then, and there are no parentheses around a function's only parameter or a mere name.
 */
export function shrink(text: string): string {
  return shrinkNode(parse(text), (lineEnds) => lineEnds);
}

/** What a module is in a program; its text as `shrink` makes it, with other ends of lines. */
export function partOf(text: string): Part {
  const source = parse(text);
  const part: Part = { body: '', loads: [], builtins: {}, names: [] };
  const statements = source.statements.filter((statement) => !ts.isEmptyStatement(statement));
  for (const statement of statements.filter(ts.isImportDeclaration)) {
    const from = (statement.moduleSpecifier as ts.StringLiteral).text;
    if (from.startsWith('.')) part.loads.push(from);
    else for (const { name, what } of bindingsOf(statement)) part.builtins[name] = { from, what };
  }
  const others = statements.filter((statement) => !ts.isImportDeclaration(statement));
  const starts = new Set(others.flatMap((statement) => startsIn(statement)));
  const lineEnd = (lineEnds: string, start: number, line: number): string =>
    starts.has(start) || (lineEnds !== '' && line >= longLine) ? '\n' : '';
  part.body = others.map((statement) => shrinkNode(statement, lineEnd).replace(/^\nglobal\./, '\n')).join('');
  part.names = [...new Set(others.flatMap((statement) => namesIn(statement)))].sort();
  return part;
}

/** Characters after which a line ends where it did in the source: ucode shows all of the one that something is wrong with. */
const longLine = 400;

function bindingsOf({ importClause }: ts.ImportDeclaration): { name: string; what: string }[] {
  const bindings = importClause?.namedBindings;
  if (!bindings || importClause.name)
    throw new Error('ucode has no default to import, and nothing for its effects');
  const each = ts.isNamedImports(bindings) ? [...bindings.elements] : [bindings];
  return each.map((one) => ({ name: one.name.text, what: one.getText() }));
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('module.js', text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
}

/** `lineEnd` is told of the line ends before what begins at `start`, and how long the line is; it says what they become. */
function shrinkNode(
  root: ts.Node,
  lineEnd: (lineEnds: string, start: number, line: number) => string
): string {
  const { text } = root.getSourceFile();
  let shrunk = '';
  let end = root.getFullStart();
  const visit = (node: ts.Node): void => {
    const children = node.getChildren().filter((child) => !ts.isJSDoc(child));
    if (children.length > 0) {
      const bare = isBare(node);
      children.filter((child) => !bare || !isParenthesis(child)).forEach(visit);
      return;
    }
    const start = node.getStart();
    const token = node.kind === ts.SyntaxKind.ConstKeyword ? 'let' : text.slice(start, node.getEnd());
    const between = text.slice(end, start);
    const line = shrunk.length - shrunk.lastIndexOf('\n');
    shrunk += lineEnd(between.replace(/[^\n]/g, ''), start, line) || separator(between, shrunk, token);
    shrunk += token;
    end = node.getEnd();
  };
  visit(root);
  return shrunk;
}

/** Whether it means the same without its parentheses: one parameter, or what had a type. */
function isBare(node: ts.Node): boolean {
  if (ts.isArrowFunction(node)) return /^\w+$/.test(node.parameters.map((each) => each.getText()).join());
  return ts.isParenthesizedExpression(node) && /^[\w.]*[A-Za-z_][\w.]*$/.test(node.expression.getText());
}

function isParenthesis({ kind }: ts.Node): boolean {
  return kind === ts.SyntaxKind.OpenParenToken || kind === ts.SyntaxKind.CloseParenToken;
}

/** A blank stays where two words, or two operators, would become one. */
function separator(between: string, before: string, after: string): string {
  const joins = /[\w$]{2}|[-+*/%&|^<>=!?.:~]{2}/.test(before.slice(-1) + after.slice(0, 1));
  return between !== '' && joins ? ' ' : '';
}

/** Where a statement begins that is one of several. */
function startsIn(node: ts.Node): number[] {
  const isOwn =
    ts.isStatement(node) &&
    (ts.isSourceFile(node.parent) || ts.isBlock(node.parent) || ts.isCaseOrDefaultClause(node.parent));
  const starts = isOwn ? [node.getStart()] : [];
  ts.forEachChild(node, (child) => {
    starts.push(...startsIn(child));
  });
  return starts;
}

/** Not those of properties. */
function namesIn(node: ts.Node): string[] {
  const isProperty =
    (ts.isPropertyAccessExpression(node.parent) || ts.isPropertyAssignment(node.parent)) &&
    node.parent.name === node;
  const names = ts.isIdentifier(node) && !isProperty ? [node.text] : [];
  ts.forEachChild(node, (child) => {
    names.push(...namesIn(child));
  });
  return names;
}
