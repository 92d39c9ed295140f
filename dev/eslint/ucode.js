import { ucodePlugin } from './ucode-plugin.js';

/**
 * ESLint's rules for TypeScript that becomes ucode by losing its types: they refuse what ucode does not have, and
 * what it compiles with another meaning.
 */
export const ucodeRules = {
  plugins: { ucode: ucodePlugin },
  rules: {
    'no-restricted-syntax': ['error', ...restrictedSyntax()],
    'ucode/no-for-in-list': 'error',
    'ucode/no-own-initializer': 'error',
    'ucode/no-reexport': 'error',
    'ucode/no-shared-loop-variable': 'error',
    'ucode/no-trailing-comma': 'error',
    'ucode/posix-regexp': 'error',
    'ucode/semicolon': 'error',
    // Nothing is hoisted: not even what runs later sees what is declared below it.
    '@typescript-eslint/no-use-before-define': ['error', { typedefs: false }],
    // Sees no iteration variable of ours as one, since the lists have no length.
    '@typescript-eslint/no-for-in-array': 'off',
    // A loop's head takes no `const`, and a callback that needs its own result none either.
    'prefer-const': 'off',
    // There is no Map.
    '@typescript-eslint/no-dynamic-delete': 'off',
    // What may be missing is loaded at run time.
    '@typescript-eslint/no-require-imports': 'off'
  }
};

function restrictedSyntax() {
  return Object.entries({
    // Modules
    ':matches(ImportSpecifier[importKind="type"], ExportSpecifier[exportKind="type"])':
      'Erased, it leaves a comma behind: write `import type` or `export type`.',
    'ExportNamedDeclaration > FunctionDeclaration':
      'ucode wants a `;` behind it: write one `export { … };` at the end.',
    ':matches(ExportAllDeclaration, ExportNamedDeclaration[source])[exportKind!="type"]':
      'ucode exports only what the module has: import it, and export a constant of its value.',
    'ExportNamedDeclaration[specifiers.length=0][declaration=null]': 'ucode has no empty list of exports.',
    ImportExpression: 'ucode has no `import()`: `require()`.',

    // Declarations and statements
    ':matches(ObjectPattern, ArrayPattern)': 'ucode does not take values apart: `let x = a.x;`.',
    AssignmentPattern: 'ucode has no default values: `x ?? 1` where it is used.',
    'VariableDeclaration[kind="var"]': 'ucode has no `var`: `let`.',
    ':matches(ForStatement, ForInStatement) > VariableDeclaration[kind="const"]':
      'ucode has no `const` in the head of a loop: `let`.',
    ForOfStatement: 'ucode has no `for…of`: count, or `map()`.',
    DoWhileStatement: 'ucode has no `do`: `while (true)` and `break`.',
    LabeledStatement: 'ucode has no labels.',
    ':matches(ClassDeclaration, ClassExpression)': 'ucode has no classes: functions and objects.',
    ThrowStatement: 'ucode has no `throw`: `die()`.',
    'TryStatement > BlockStatement.finalizer': 'ucode has no `finally`.',
    TSEnumDeclaration: 'An enum cannot be erased: an object `as const`.',
    'TSModuleDeclaration[declare!=true]': 'A namespace cannot be erased: a module.',

    // Functions
    ':function[async=true]': 'ucode has no async functions: callbacks.',
    AwaitExpression: 'ucode has no `await`: callbacks.',
    ':function[generator=true]': 'ucode has no generators.',
    'FunctionExpression[id]': 'A function expression does not know its own name: declare the function.',

    // Objects
    'Property[method=true]': 'ucode has no methods in short: `name: function() { … }`.',
    'Property[kind=/^(get|set)$/]': 'ucode has no getters and setters.',
    'Property[computed=false] > Literal.key[raw=/^[^\'"]/]': "ucode has no numbers as keys: `'1'`.",

    // Operators
    NewExpression: 'ucode has no `new`.',
    TaggedTemplateExpression: 'ucode has no tagged templates.',
    TSTypeAssertion: 'It cannot be erased: `x as T`.',
    'UnaryExpression[operator="typeof"]': 'ucode has no `typeof`: `type()`.',
    'UnaryExpression[operator="void"]': 'ucode has no `void`.',
    'UnaryExpression[operator="~"]': 'ucode has 64 bits, without a sign here: `~5` is 18446744073709551610.',
    'BinaryExpression[operator="instanceof"]': 'ucode has no `instanceof`.',
    ':matches(BinaryExpression[operator=">>>"], AssignmentExpression[operator=">>>="])':
      'ucode has no `>>>`.',
    ':not(CallExpression[callee.name="int"]) > BinaryExpression[operator="/"]:not([right.raw=/[.]/])':
      'ucode divides whole numbers as such, `7 / 2` is 3: `int(a / b)` or `a / 2.0`.',
    'AssignmentExpression[operator="/="]': 'ucode divides whole numbers as such: `x = int(x / y)`.',
    'BinaryExpression[operator=/^[!=]==$/]':
      'What is missing is null to ucode, undefined to JavaScript, and `1 === 1.0` is false: `==`, `!=`.',

    // Names and literals
    'Identifier[name="undefined"]': 'ucode has no `undefined`: `null`.',
    'Identifier[name=/[^A-Za-z0-9_]/]': 'ucode has names of ASCII letters, digits and `_`.',
    'Identifier[name=/^(elif|endif|endfor|endwhile|endfunction)$/]': 'This is a keyword of ucode.',
    'Literal[bigint]': 'ucode has no `1n`: its whole numbers have 64 bits.',
    'Literal[raw=/^[0-9][^\'"]*_/]': 'ucode has no `_` in numbers.',
    'Literal[raw=/^[.]/]': 'ucode has no `.5`: `0.5`.',
    ':matches(Literal[raw=/\\\\u[{]/], TemplateElement[value.raw=/\\\\u[{]/])':
      'ucode has no `\\u{…}`: the character itself, or `\\u1234`.',
    ':matches(Literal[raw=/\\\\x[89A-Fa-f]/], TemplateElement[value.raw=/\\\\x[89A-Fa-f]/])':
      'A byte since 25.12, two on 24.10, a character to JavaScript: `chr()`, or the character itself.'
  }).map(([selector, message]) => ({ selector, message }));
}
