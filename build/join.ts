import { posix } from 'node:path';
import type { UcodeModule } from './ucode.ts';

/**
 * One program of a module and all that it imports, each a line and a block of its own: their exports are global. In a
 * package each file and each line costs some room, and while it runs ucode keeps a buffer for each file.
 *
 * Throws if two modules mean different things by a name that they import from ucode's own modules.
 */
export function joinModules(interpreter: string, modules: readonly UcodeModule[], main: string): string {
  const builtins = new Map<string, string>();
  const blocks: string[] = [];
  const added = new Set<string>();
  const add = (name: string): void => {
    const found = modules.find((module) => module.name === name);
    if (!found || added.has(name)) return;
    added.add(name);
    const body = found.text.replace(
      /^import\s*(?:\{([^}]*)\}from)?\s*'([^']*)';/gm,
      (_, names, from: string) => {
        // What is imported runs first.
        if (from.startsWith('.')) add(posix.join(posix.dirname(name), from));
        else for (const one of String(names).split(',')) note(builtins, one.trim(), from);
        return '';
      }
    );
    blocks.push(`{${onOneLine(body)}}`);
  };
  add(main);
  const imports = [...new Set(builtins.values())].map((from) => {
    const names = [...builtins].filter(([, each]) => each === from).map(([name]) => name);
    return `import{${names.join(',')}}from'${from}';`;
  });
  return [`#!${interpreter}`, ...imports, ...blocks, ''].join('\n');
}

function note(builtins: Map<string, string>, name: string, from: string): void {
  const local = name.split(' ').at(-1);
  const other = [...builtins].find(([each]) => each.split(' ').at(-1) === local);
  if (other && (other[0] !== name || other[1] !== from))
    throw new Error(
      `${name} of ${from} has the name of ${other[0]} of ${other[1]}: import one as something else`
    );
  builtins.set(name, from);
}

/** Only where two words would become one, or in a text between backticks, a line's end means something. */
function onOneLine(body: string): string {
  return body.trim().replace(/`[^`]*`|\n+/g, (found, at: number, text: string) => {
    if (found.startsWith('`')) return found;
    const around = text.charAt(at - 1) + text.charAt(at + found.length);
    return /[\w$]{2}/.test(around) ? ' ' : '';
  });
}
