/** Rules for TypeScript that becomes ucode, where `no-restricted-syntax` cannot say it. */
export const ucodePlugin = {
  rules: {
    'no-for-in-list': rule(
      '`for…in` gives the values of a list, which TypeScript takes for keys: count, or `map()`.',
      {
        ForInStatement(node, report, { parserServices }) {
          const { program, esTreeNodeToTSNodeMap } = parserServices;
          const type = program.getTypeChecker().getTypeAtLocation(esTreeNodeToTSNodeMap.get(node.right));
          if ((type.types ?? [type]).some((part) => part.getNumberIndexType())) report(node.right);
        }
      }
    ),

    'no-own-initializer': rule('ucode does not know the name yet: `let x; x = …;`.', {
      VariableDeclarator(node, report, sourceCode) {
        for (const { identifier } of valueReferences(sourceCode, node))
          if (node.init && contains(node.init, identifier)) report(identifier);
      }
    }),

    'no-reexport': rule('ucode does not export what was imported: export a constant of its value.', {
      'ImportSpecifier, ImportDefaultSpecifier'(node, report, sourceCode) {
        for (const { identifier } of valueReferences(sourceCode, node)) {
          const { type, parent } = identifier.parent;
          if (type === 'ExportSpecifier' && parent.exportKind !== 'type') report(identifier);
        }
      }
    }),

    'no-shared-loop-variable': rule(
      'All functions made in this loop share this one variable: `let own = x;` in the body, and use that.',
      {
        'ForStatement > VariableDeclaration, ForInStatement > VariableDeclaration'(node, report, sourceCode) {
          for (const { identifier, from, resolved } of valueReferences(sourceCode, node))
            if (functionsBetween(from, resolved.scope).some(outlives)) report(identifier);
        }
      }
    ),

    'no-trailing-comma': rule('ucode takes no comma before this bracket.', {
      'CallExpression, ImportDeclaration, ExportNamedDeclaration'(node, report, sourceCode) {
        const end = node.type === 'CallExpression' ? ')' : '}';
        const last = sourceCode.getLastToken(node, ({ value }) => value === end);
        const before = last && sourceCode.getTokenBefore(last);
        if (!node.declaration && before?.value === ',') report(before);
      }
    }),

    'posix-regexp': rule(
      'ucode has POSIX regular expressions: no `(?…)`, nothing lazy, only the flags g and i.',
      {
        'Literal[regex]'({ regex, ...node }, report) {
          const bare = regex.pattern.replace(/\\./g, 'x').replace(/\[\^?\]?[^\]]*\]/g, 'x');
          if (/\(\?|[*+?}]\?/.test(bare) || /[^gi]/.test(regex.flags)) report(node);
        }
      }
    ),

    semicolon: rule('ucode wants a `;` here.', {
      'ExpressionStatement, VariableDeclaration, ReturnStatement, BreakStatement, ContinueStatement, ImportDeclaration, ExportNamedDeclaration[declaration=null]'(
        node,
        report,
        sourceCode
      ) {
        const inHead = /^For/.test(node.parent.type) && node.parent.body !== node;
        if (!inHead && sourceCode.getLastToken(node).value !== ';') report(node);
      }
    })
  }
};

/** One message, and for each selector what looks at its nodes. */
function rule(message, listeners) {
  return {
    meta: { type: 'problem', schema: [], messages: { found: message } },
    create(context) {
      const report = (node) => {
        context.report({ loc: node.loc, messageId: 'found' });
      };
      return Object.fromEntries(
        Object.entries(listeners).map(([selector, look]) => [
          selector,
          (node) => {
            look(node, report, context.sourceCode);
          }
        ])
      );
    }
  };
}

function valueReferences(sourceCode, node) {
  return sourceCode
    .getDeclaredVariables(node)
    .flatMap(({ references }) => references)
    .filter(({ isValueReference }) => isValueReference);
}

function contains(outer, inner) {
  return outer.range[0] <= inner.range[0] && inner.range[1] <= outer.range[1];
}

/** The functions around a scope, up to the one that the outer scope is in. */
function functionsBetween({ variableScope }, outer) {
  if (variableScope === outer.variableScope) return [];
  return [variableScope.block, ...functionsBetween(variableScope.upper, outer)];
}

/** Not if it goes right into a builtin that calls it at once and forgets it. */
function outlives({ parent }) {
  return parent.type !== 'CallExpression' || !/^(filter|map|replace|sort)$/.test(parent.callee.name);
}
