import { minify } from 'terser';
import ts from 'typescript';
import { ownProperties, propertyShortener } from './properties.ts';

/** What means the same in ucode: no number is computed here, and every function stays where it is. */
const compress = {
  collapse_vars: true,
  comparisons: false,
  computed_props: false,
  directives: false,
  evaluate: false,
  inline: 0,
  loops: false,
  keep_infinity: true,
  passes: 3,
  pure_getters: true,
  properties: false,
  reduce_funcs: false,
  switches: false,
  toplevel: true,
  typeofs: false
} as const;

/**
 * Says a program of ucode's in fewer letters: a thirtieth fewer, compressed; of the names of `properties`, one each.
 * Throws if it holds what JavaScript reads otherwise.
 */
export async function minifyUcode(program: string, properties = ownProperties): Promise<string> {
  const [interpreter = '', ...lines] = program.split('\n');
  // One of these is a byte there, and a character of two here.
  const byte = /\\x[89a-f]/i.exec(program)?.[0];
  if (byte !== undefined) throw new Error(`${byte} would be another text`);
  const { code = '' } = await minify(withArrows(lines.join('\n')), {
    module: true,
    ecma: 2020,
    compress,
    mangle: false,
    // Not as 1e3, which is no whole number there.
    format: { keep_numbers: true }
  });
  return `${interpreter}\n${inUcode(code, propertyShortener(properties))}\n`;
}

/** Functions of the kind that takes fewer letters, unless they call themselves: ucode cannot do that in such a one. */
function withArrows(text: string): string {
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name && node.body) {
      const name = node.name.text;
      if (!mentions(node.body, name)) {
        const parameters = node.parameters.map((each) => each.getText()).join();
        edits.push({ from: node.getStart(), to: node.body.getStart(), by: `let ${name}=(${parameters})=>` });
        edits.push({ from: node.getEnd(), to: node.getEnd(), by: ';' });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(text));
  return edited(text, edits);
}

function mentions(node: ts.Node, name: string): boolean {
  return (
    (ts.isIdentifier(node) && node.text === name) || !!ts.forEachChild(node, (each) => mentions(each, name))
  );
}

interface Edit {
  from: number;
  to: number;
  by: string;
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('program.js', text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
}

function edited(text: string, edits: Edit[]): string {
  let made = text;
  for (const { from, to, by } of edits.sort((a, b) => b.from - a.from))
    made = made.slice(0, from) + by + made.slice(to);
  return made;
}

/**
 * What has no value is null there, and need not say so: a variable, what a function returns, what is missing. There is no
 * `void` and no number as a property's name, and a `return` or `break` has its semicolon even at the end of a block.
 */
function inUcode(text: string, shortProperty: ReturnType<typeof propertyShortener>): string {
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    const cutNull = (value: ts.Node | undefined, from: number, by = ''): void => {
      if (value?.kind === ts.SyntaxKind.NullKeyword) edits.push({ from, to: node.getEnd(), by });
    };
    if (ts.isVariableDeclaration(node)) cutNull(node.initializer, node.name.getEnd());
    if (ts.isReturnStatement(node)) cutNull(node.expression, node.getStart(), 'return;');
    const isBare = ts.isReturnStatement(node) ? !node.expression : ts.isBreakOrContinueStatement(node);
    if (isBare && !node.getText().endsWith(';'))
      edits.push({ from: node.getEnd(), to: node.getEnd(), by: ';' });
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
      cutNull(node.right, node.left.getEnd());
    if (ts.isNumericLiteral(node) && ts.isPropertyAssignment(node.parent) && node.parent.name === node)
      edits.push({ from: node.getStart(), to: node.getEnd(), by: `"${node.text}"` });
    const short = shortProperty(node);
    if (short !== undefined) edits.push({ from: node.getStart(), to: node.getEnd(), by: short });
    // As it was written.
    if (ts.isTemplateLiteralToken(node))
      for (const { index, 0: sign } of node.getText().matchAll(/\\[^]/g))
        if (sign === '\\n')
          edits.push({ from: node.getStart() + index, to: node.getStart() + index + 2, by: '\n' });
    if (ts.isVoidExpression(node)) {
      // Nobody looks at what is returned where nothing was to be.
      const isReturned = ts.isReturnStatement(node.parent);
      edits.push({ from: node.getStart(), to: node.expression.getStart(), by: isReturned ? '' : '(' });
      if (!isReturned) edits.push({ from: node.getEnd(), to: node.getEnd(), by: ',null)' });
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(text));
  return edited(text, edits);
}
