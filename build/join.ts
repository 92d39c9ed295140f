import { posix } from 'node:path';
import { placeConstants } from './constants.ts';
import { together } from './together.ts';
import type { UcodeModule } from './ucode.ts';

/**
 * One program of the module `main` and all that it imports, in the order in which ucode would run them, each in a block
 * of its own: what they export is global, all else is theirs alone. In a package each file takes some room, and while
 * it runs ucode keeps a buffer for each.
 *
 * Throws if a name that one module imports from ucode's own stands for something else in another one.
 */
export function joinModules(interpreter: string, modules: readonly UcodeModule[], main: string): string {
  const ordered = inOrder(modules, main);
  const blocks = ordered.map(({ part }) => `{${placeConstants(part.body)}}`);
  return [`#!${interpreter}`, ...importsOf(ordered), ...blocks, ''].join('\n');
}

/** `main` and all that it imports, each behind what it imports itself, and beside what it has much in common with. */
function inOrder(modules: readonly UcodeModule[], main: string): UcodeModule[] {
  const needed = new Set(loaded(modules, [main]).map(({ name }) => name));
  return loaded(modules, [...together.filter((name) => needed.has(name)), main]);
}

function loaded(modules: readonly UcodeModule[], names: readonly string[]): UcodeModule[] {
  const ordered: UcodeModule[] = [];
  const begun = new Set<string>();
  const add = (name: string): void => {
    if (begun.has(name)) return;
    begun.add(name);
    const found = modules.find((module) => module.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    for (const path of found.part.loads) add(posix.join(posix.dirname(name), path));
    ordered.push(found);
  };
  names.forEach(add);
  return ordered;
}

/** For the top: ucode takes none in a block. */
function importsOf(modules: readonly UcodeModule[]): string[] {
  const meanings = new Map<string, string>();
  const imports = new Map<string, Set<string>>();
  for (const { name, part } of modules) {
    for (const [local, { from, what }] of Object.entries(part.builtins)) {
      const meaning = `${what} of ${from}`;
      const other = meanings.get(local) ?? meaning;
      if (other !== meaning) throw new Error(`${name}: ${meaning} is ${other} elsewhere`);
      meanings.set(local, meaning);
      imports.set(from, (imports.get(from) ?? new Set()).add(what));
    }
  }
  for (const { name, part } of modules) {
    const hidden = part.names.find((word) => meanings.has(word) && !part.builtins[word]);
    if (hidden !== undefined) throw new Error(`${name}: ${hidden} is ${meanings.get(hidden)} elsewhere`);
  }
  return [...imports].flatMap(([from, names]) => {
    const listed = [...names].filter((name) => !name.startsWith('*'));
    const whole = [...names].filter((name) => name.startsWith('*')).map((name) => ` ${name} `);
    const clauses = listed.length > 0 ? [...whole, `{${listed.sort().join()}}`] : whole;
    return clauses.map((clause) => `import${clause}from'${from}';`);
  });
}
