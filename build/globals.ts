import ts from 'typescript';

/**
 * Makes what a module exports global, and its imports from beside it mere orders to load these: ucode's collection of
 * garbage, which follows each call by ubus, goes through all exports of a program once for each of its functions. It
 * takes a tenth of the time without any. Each exported name has to be the only one of its kind. Lines stay.
 */
export function makeGlobal(text: string): string {
  const source = ts.createSourceFile('module.js', text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const exported = new Set(source.statements.flatMap(exportsOf));
  const edits: { from: number; to: number; text: string }[] = [];
  const replace = (from: number, to: number, by: string): void => {
    edits.push({ from, to, text: by + text.slice(from, to).replace(/[^\n]/g, '') });
  };
  for (const statement of source.statements) {
    const start = statement.getStart();
    if (ts.isImportDeclaration(statement) && statement.importClause) {
      const from = statement.moduleSpecifier.getStart();
      if (text.startsWith('.', from + 1)) replace(statement.importClause.getStart(), from, '');
    } else if (ts.isExportDeclaration(statement)) {
      replace(start, statement.getEnd(), '');
    } else if (ts.isFunctionDeclaration(statement) && exported.has(statement.name?.text ?? '')) {
      // A function of this kind takes fewer letters.
      replace(start, statement.parameters.pos - 1, `global.${statement.name?.text} = `);
      if (statement.body) replace(statement.body.getStart(), statement.body.getStart(), '=> ');
      replace(statement.getEnd(), statement.getEnd(), ';');
    } else if (ts.isVariableStatement(statement)) {
      const { declarations } = statement.declarationList;
      const [declaration] = declarations;
      if (!declaration || !exported.has(declaration.name.getText())) continue;
      if (declarations.length > 1) throw new Error(`declared at once and exported: ${statement.getText()}`);
      replace(start, declaration.getStart(), 'global.');
      if (!declaration.initializer) replace(declaration.getEnd(), declaration.getEnd(), ' = null');
    }
  }
  let made = text;
  for (const { from, to, text: by } of edits.sort((a, b) => b.from - a.from))
    made = made.slice(0, from) + by + made.slice(to);
  return made;
}

/** The names that a statement exports. */
function exportsOf(statement: ts.Statement): string[] {
  if (
    ts.isExportDeclaration(statement) &&
    statement.exportClause &&
    ts.isNamedExports(statement.exportClause)
  )
    return statement.exportClause.elements.map(({ name }) => name.text);
  if (!ts.isVariableStatement(statement)) return [];
  const exports = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  return exports ? statement.declarationList.declarations.map(({ name }) => name.getText()) : [];
}
