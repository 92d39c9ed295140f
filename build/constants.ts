import ts from 'typescript';

/**
 * Puts each constant of a module, whose names are shortened, where it is used, if it is a number or a text and takes no
 * more room there: one of a single use, or one as short as its name. What declares it is then for nothing.
 */
export function placeConstants(body: string): string {
  const source = ts.createSourceFile('module.js', body, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const edits: { from: number; to: number; by: string }[] = [];
  for (const { declarationList } of source.statements.filter(ts.isVariableStatement)) {
    for (const { name, initializer } of declarationList.declarations) {
      if (!initializer || !(ts.isNumericLiteral(initializer) || ts.isStringLiteral(initializer))) continue;
      const text = initializer.getText();
      const uses = usesIn(source, name.getText()).filter((node) => node !== name);
      const isPlain = uses.every(
        (node) => !isChanged(node) && !ts.isShorthandPropertyAssignment(node.parent)
      );
      if (!isPlain || (uses.length !== 1 && text.length > 2)) continue;
      for (const node of uses) edits.push({ from: node.getStart(), to: node.getEnd(), by: text });
    }
  }
  let made = body;
  for (const { from, to, by } of edits.sort((a, b) => b.from - a.from))
    made = made.slice(0, from) + by + made.slice(to);
  return made;
}

/** Not the names of properties. No name of a module's is hidden by another one in there. */
function usesIn(node: ts.Node, name: string): ts.Identifier[] {
  const uses = ts.isIdentifier(node) && node.text === name && !isProperty(node) ? [node] : [];
  ts.forEachChild(node, (child) => {
    uses.push(...usesIn(child, name));
  });
  return uses;
}

function isProperty(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node;
}

function isChanged(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) return true;
  if (!ts.isBinaryExpression(parent) || parent.left !== node) return false;
  const { kind } = parent.operatorToken;
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}
