/**
 * What TypeScript allows and ucode does not have, or understands differently, each with what to write instead. The
 * texts keep to themselves: those without imports and exports are put into a block each.
 */
export interface Probe {
  /** The rule, or for `no-restricted-syntax` the beginning of its message. */
  rule: string;
  bad: string;
  good: string;
  /** What JavaScript prints for both and ucode for the good one alone. Without it ucode refuses the bad one. */
  prints?: string;
}

export const probes: readonly Probe[] = [
  // Modules
  {
    rule: 'Erased, it leaves a comma',
    bad: "import { stat, type Stat } from 'fs'; const a: Stat | null = stat('/'); print(a);",
    good: "import { lstat } from 'fs'; import type { Stat } from 'fs'; const a1: Stat | null = lstat('/nowhere'); print(a1);"
  },
  {
    rule: 'Erased, it leaves a comma',
    bad: 'const b = 1; interface B { b: number } export { b, type B };',
    good: 'const b1 = 1; interface B1 { b1: number } export { b1 }; export type { B1 };'
  },
  {
    rule: 'ucode wants a `;` behind it',
    bad: 'export function c(): void { print(1); }',
    good: 'function c1(): void { print(1); } export { c1 };'
  },
  {
    rule: 'ucode exports only what',
    bad: "export * from 'math';",
    good: "import * as math from 'math'; export { math };"
  },
  {
    rule: 'ucode exports only what',
    bad: "export { cos } from 'math';",
    good: "import { cos as cosine } from 'math'; export const cos = cosine;"
  },
  { rule: 'ucode has no empty list of exports', bad: 'print(1); export {};', good: 'print(1);' },
  {
    rule: 'ucode/no-reexport',
    bad: "import { exp } from 'math'; export { exp };",
    good: "import { pow } from 'math'; const power = pow; export { power };"
  },
  { rule: 'ucode has no `import()`', bad: "print(import('math'));", good: "print(require('math'));" },

  // Punctuation
  { rule: 'ucode/no-trailing-comma', bad: 'print(1,);', good: 'print([1,], { a: 1, });' },
  {
    rule: 'ucode/no-trailing-comma',
    bad: "import { sin, } from 'math'; print(sin(0));",
    good: "import { sin } from 'math'; print(sin(0));"
  },
  {
    rule: 'ucode/no-trailing-comma',
    bad: 'const d = 1; export { d, };',
    good: 'const d1 = 1; export { d1 };'
  },
  { rule: 'ucode/semicolon', bad: 'let x = 1\nprint(x);', good: 'let x = 1;\nprint(x);' },
  { rule: 'ucode/semicolon', bad: 'print(1)\nprint(2);', good: 'print(1);\nprint(2);' },

  // Declarations and statements
  {
    rule: 'ucode does not take values apart',
    bad: 'let { a } = { a: 1 }; print(a);',
    good: 'let a = { a: 1 }.a; print(a);'
  },
  {
    rule: 'ucode does not take values apart',
    bad: 'let [a] = [1]; print(a);',
    good: 'let a = [1][0]; print(a);'
  },
  {
    rule: 'ucode does not take values apart',
    bad: 'function f({ a }: { a: number }): number { return a; } print(f({ a: 1 }));',
    good: 'function f(o: { a: number }): number { return o.a; } print(f({ a: 1 }));'
  },
  {
    rule: 'ucode has no default values',
    bad: 'function f(a = 1): number { return a; } print(f());',
    good: 'function f(a?: number): number { return a ?? 1; } print(f());'
  },
  { rule: 'ucode has no `var`', bad: 'var x = 1; print(x);', good: 'let x = 1; print(x);' },
  {
    rule: 'ucode has no `const` in the head',
    bad: 'for (const k in { a: 1 }) print(k);',
    good: 'for (let k in { a: 1 }) print(k);'
  },
  {
    rule: 'ucode has no `for…of`',
    bad: 'for (let x of [1]) print(x);',
    good: 'let l = [1]; for (let i = 0; i < length(l); i++) print(l[i]);'
  },
  {
    rule: 'ucode has no `do`',
    bad: 'let i = 0; do { i++; } while (i < 3); print(i);',
    good: 'let i = 0; while (i < 3) i++; print(i);'
  },
  { rule: 'ucode has no labels', bad: 'x: while (clock()) { break x; }', good: 'while (clock()) { break; }' },
  { rule: 'ucode has no classes', bad: 'class A {} print(A);', good: 'const a = {}; print(a);' },
  { rule: 'ucode has no `throw`', bad: "throw 'x';", good: "try { die('x'); } catch { print(1); }" },
  {
    rule: 'ucode has no `finally`',
    bad: 'try { print(1); } finally { print(2); }',
    good: 'try { print(1); } catch (e) { print(e); }'
  },
  {
    rule: 'An enum cannot be erased',
    bad: 'enum E { a } print(E.a);',
    good: 'const e = { a: 0 } as const; print(e.a);'
  },
  {
    rule: 'A namespace cannot be erased',
    bad: 'namespace N { export const a = 1; } print(N.a);',
    good: 'const n = { a: 1 as unknown }; print(n.a);'
  },

  // Functions
  {
    rule: 'ucode has no async functions',
    bad: 'const f = async (): unknown => 1; print(f);',
    good: 'const f = (): unknown => 1; print(f);'
  },
  { rule: 'ucode has no `await`', bad: 'print(await 1);', good: 'print(1);' },
  {
    rule: 'ucode has no generators',
    bad: 'function* f(): unknown { yield 1; } print(f);',
    good: 'function f(): unknown { return 1; } print(f);'
  },
  {
    rule: 'A function expression does not know',
    bad: 'const f = function g(n: number): number { return n > 0 ? g(n - 1) : n; }; print(f(2));',
    good: 'function g(n: number): number { return n > 0 ? g(n - 1) : n; } print(g(2));'
  },

  // Objects and lists
  {
    rule: 'ucode has no methods in short',
    bad: 'print({ f() { return 1; } }.f());',
    good: 'print({ f: function () { return 1; } }.f());'
  },
  { rule: 'ucode has no getters', bad: 'print({ get a() { return 1; } }.a);', good: 'print({ a: 1 }.a);' },
  { rule: 'ucode has no numbers as keys', bad: 'print({ 1: 2 });', good: "print({ '1': 2, b: 1 });" },
  { rule: 'no-sparse-arrays', bad: 'print([1, , 2]);', good: 'print([1, null, 2]);' },

  // Operators
  {
    rule: 'ucode has no `new`',
    bad: 'declare const A: new () => object; print(new A());',
    good: 'print({});'
  },
  {
    rule: 'ucode has no tagged templates',
    bad: 'declare const t: (s: unknown) => string; print(t`x`);',
    good: 'let n = 1; print(`x${n}`);'
  },
  {
    rule: 'It cannot be erased',
    bad: 'const u: unknown = 1; print(<number>u);',
    good: 'const u: unknown = 1; let n = u as number; print(n);'
  },
  {
    rule: 'ucode has no `typeof`',
    bad: 'print(typeof 1);',
    good: 'const o = { a: 1 }; const p: typeof o = o; print(type(p));'
  },
  { rule: 'ucode has no `void`', bad: 'print(void 0);', good: 'print(null);' },
  {
    rule: 'ucode has no `instanceof`',
    bad: 'declare const A: () => void; print({} instanceof A);',
    good: 'print(proto({}));'
  },
  { rule: 'ucode has no `>>>`', bad: 'print(5 >>> 1);', good: 'print(5 >> 1);' },
  { rule: 'ucode has 64 bits', bad: 'print(~5);', good: 'print(-5 - 1);', prints: '-6' },
  { rule: 'ucode divides whole numbers', bad: 'print(7 / 2);', good: 'print(7 / 2.0);', prints: '3.5' },
  {
    rule: 'ucode divides whole numbers',
    bad: 'let x = 7; x /= 2; print(x);',
    good: 'let x = 7; x *= 0.5; print(x);',
    prints: '3.5'
  },
  {
    rule: 'What is missing is null',
    bad: "print(json('1.0') === 1);",
    good: "print(json('1.0') == 1);",
    prints: 'true'
  },

  // Names and literals
  { rule: 'ucode has no `undefined`', bad: 'print(undefined);', good: 'print(null);' },
  { rule: 'ucode has names of ASCII', bad: 'let a$ = 1; print(a$);', good: 'let a_ = 1; print(a_);' },
  { rule: 'This is a keyword', bad: 'let elif = 1; print(elif);', good: 'let other = 1; print(other);' },
  { rule: 'ucode has no `1n`', bad: 'print(1n);', good: 'print(1);' },
  { rule: 'ucode has no `_` in numbers', bad: 'print(1_000);', good: "print(1000, 0xff, '1_000');" },
  { rule: 'ucode has no `.5`', bad: 'print(.5);', good: 'print(0.5);' },
  { rule: 'ucode has no `\\u{…}`', bad: "print('\\u{41}');", good: "print('\\u0041');" },
  { rule: 'ucode has no `\\u{…}`', bad: 'print(`\\u{41}`);', good: 'let a = 1; print(`A${a}`);' },
  {
    rule: 'A byte since 25.12',
    bad: "print(length('\\xe9') == 1 ? length('\\xe9') == 2 : length('\\xe9') == 1);",
    good: "print(length('\\x09') == 1);",
    prints: 'true'
  },

  // Regular expressions
  {
    rule: 'ucode/posix-regexp',
    bad: "print(match('ab', /(?:a)b/));",
    good: "print(match('ab?', /(a)b\\?[(?:]?/));"
  },
  {
    rule: 'ucode/posix-regexp',
    bad: "print(match('ab', /(?<n>a)b/));",
    good: "print(match('ab', /(a)b/i));"
  },
  {
    rule: 'ucode/posix-regexp',
    bad: "print(match('ab', /a(?=b)/));",
    good: "print(match<Match[]>('ab', /a/g));"
  },
  { rule: 'ucode/posix-regexp', bad: "print(match('ab', /a/u));", good: "print(match('ab', /a/));" },
  { rule: 'ucode/posix-regexp', bad: "print(match('ab', /a/y));", good: "print(match('ab', /^a/));" },
  {
    rule: 'ucode/posix-regexp',
    bad: "print(replace('aXbXc', /a.*?X/, ''));",
    good: "print(replace('aXbXc', /a[^X]*X/, ''));",
    prints: 'bXc'
  },
  {
    rule: 'ucode/posix-regexp',
    bad: "print(match('a\\nb', /a.b/s) != null);",
    good: "print(match('a\\nb', /a[^c]b/) != null);",
    prints: 'true'
  },

  // Order and scope
  {
    rule: '@typescript-eslint/no-use-before-define',
    bad: 'function f(): number { return g(); } function g(): number { return 1; } print(f());',
    good: 'let g: () => number; function f(): number { return g(); } g = () => 1; print(f());',
    prints: '1'
  },
  {
    rule: 'ucode/no-own-initializer',
    bad: 'const f = (n: number): number => (n > 0 ? f(n - 1) : n); print(f(2));',
    good: 'let f: (n: number) => number; f = (n) => (n > 0 ? f(n - 1) : n); print(f(2));'
  },
  {
    rule: 'ucode/no-own-initializer',
    bad: 'let h: unknown = call(() => () => h); print(type(h));',
    good: 'let h: unknown; h = call(() => () => h); print(type(h));'
  },
  {
    rule: 'ucode/no-for-in-list',
    bad: "for (let k in ['a', 'b']) print(k);",
    good: "for (let k in { '0': 'a', '1': 'b' }) print(k);",
    prints: '01'
  },
  {
    rule: 'ucode/no-shared-loop-variable',
    bad: 'const f: (() => number)[] = []; for (let i = 0; i < 3; i++) push(f, () => i); print(join("", map(f, (g) => g())));',
    good: "const f: (() => number)[] = []; for (let i = 0; i < 3; i++) { let j = i; push(f, () => j); } print(join('', map(f, (g) => g())));",
    prints: '012'
  },
  {
    rule: 'ucode/no-shared-loop-variable',
    bad: "const f: (() => string)[] = []; for (let i = 0; i < 2; i++) push(f, () => join('', map(['a'], (x) => `${x}${i}`))); print(join('', map(f, (g) => g())));",
    good: "for (let i = 0; i < 2; i++) print(join('', map(['a'], (x) => `${x}${i}`)));",
    prints: 'a0a1'
  },
  {
    rule: 'ucode/no-shared-loop-variable',
    bad: "const f: (() => string)[] = []; for (let k in { a: 1, b: 2 }) push(f, () => k); print(join('', map(f, (g) => g())));",
    good: "for (let k in { a: 1, b: 2 }) print(join('', map(['a'], (x) => (x == k ? x : 'b'))));",
    prints: 'ab'
  }
];
