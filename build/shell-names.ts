import { readShell, type Word } from './shell.ts';

/** What OpenWrt's rc.common reads or calls by its name, what our tests source, and what is set by its name. */
const known = new Set([
  ...['boot', 'reload_service', 'service_started', 'service_stopped', 'service_triggers'],
  ...['start_service', 'stop_service', 'USE_PROCD', 'START', 'STOP'],
  ...['prepare_state', 'read_settings', 'with_settings'],
  ...['enabled', 'port', 'proxy', 'proxy_port', 'debug_port', 'log_level', 'tun', 'state_file', '_'],
  'start'
]);

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');
/** No command's. */
const functionNames = [...letters, ...Array.from('0123456789').flatMap((b) => letters.map((a) => a + b))];
const variableNames = [...letters, ...letters.flatMap((b) => letters.map((a) => a + b))];

interface Script {
  words: Word[];
  /** Which ones share its names: what it sources, and what sources that. */
  group: string;
}

/**
 * Shortens the names of functions and variables in these scripts, by path: in those that source one another to the same
 * ones, but for variables that are local wherever they stand, which are called alike in each function.
 * What is given as an argument is taken for a function only if it has an underscore.
 */
export function shortenShellNames(texts: ReadonlyMap<string, string>): Map<string, string> {
  const scripts = read(texts);
  const isDefined = definedIn(scripts.values(), ['defined']);
  const isSet = definedIn(scripts.values(), ['set', 'local']);
  const isFunction = ({ is, text }: Word): boolean =>
    isDefined.has(text) && (is === 'defined' || is === 'called' || (is === 'argument' && text.includes('_')));
  const isVariable = ({ is, text }: Word): boolean =>
    isSet.has(text) && (is === 'read' || is === 'set' || is === 'local');

  const locals = new Map<Script, Map<number, string[]>>();
  for (const script of scripts.values()) {
    const group = [...scripts.values()].filter((other) => other.group === script.group);
    locals.set(script, localsIn(script, group, isVariable));
  }
  const localOf = (script: Script, { text, scope }: Word): number =>
    locals.get(script)?.get(scope)?.indexOf(text) ?? -1;
  const mostLocals = Math.max(
    0,
    ...[...locals.values()].flatMap((scopes) => [...scopes.values()].map((names) => names.length))
  );
  const functions = allot(scripts.values(), functionNames, (_, word) => isFunction(word));
  const variables = allot(
    scripts.values(),
    variableNames.slice(mostLocals),
    (script, word) => isVariable(word) && localOf(script, word) < 0
  );

  const shortName = (script: Script, word: Word): string | undefined => {
    const shared = `${script.group} ${word.text}`;
    if (isFunction(word)) return functions.get(shared);
    if (!isVariable(word)) return undefined;
    return variableNames[localOf(script, word)] ?? variables.get(shared);
  };
  const shortened = [...scripts].map(([path, script]): [string, string] => [
    path,
    replace(texts.get(path) ?? '', script.words, (word) => shortName(script, word) ?? word.text)
  ]);
  return new Map(shortened);
}

/** Takes the blanks away that part nothing. */
export function withoutBlanks(script: string): string {
  const blanks = readShell(script).filter(({ is }) => is === 'blank');
  return replace(script, inOrder(blanks), () => '');
}

function replace(text: string, words: readonly Word[], by: (word: Word) => string): string {
  let at = 0;
  const parts = words.map((word) => {
    const part = text.slice(at, word.from) + by(word);
    at = word.to;
    return part;
  });
  return parts.join('') + text.slice(at);
}

function inOrder(words: readonly Word[]): Word[] {
  return [...words].sort((a, b) => a.from - b.from);
}

function read(texts: ReadonlyMap<string, string>): Map<string, Script> {
  const commands = [...texts.values()].flatMap((text) => [...text.matchAll(/^extra_command (\w+)/gm)]);
  const kept = new Set([...known, ...commands.map(([, name]) => name)]);
  const mayChange = ({ is, text }: Word): boolean =>
    is !== 'blank' && !kept.has(text) && !/^TSR?_|^GOGC$/.test(text);
  const scripts = new Map<string, Script>();
  for (const [path, text] of texts) {
    scripts.set(path, { words: inOrder(readShell(text).filter(mayChange)), group: path });
  }
  for (const [path, text] of texts)
    for (const [, name] of text.matchAll(/^\. \S*?([\w-]+)"?$/gm)) {
      const found = [...scripts].find(([other]) => other === name || other.endsWith(`/${name}`))?.[1].group;
      const group = scripts.get(path)?.group;
      if (found === undefined || group === undefined) continue;
      for (const script of scripts.values()) if (script.group === found) script.group = group;
    }
  return scripts;
}

function definedIn(scripts: Iterable<Script>, kinds: readonly Word['is'][]): Set<string> {
  const words = [...scripts].flatMap((script) => script.words).filter(({ is }) => kinds.includes(is));
  return new Set(words.map(({ text }) => text));
}

/** By function: its variables that are local in all of the group. */
function localsIn(
  script: Script,
  group: readonly Script[],
  isVariable: (word: Word) => boolean
): Map<number, string[]> {
  const locals = new Map<number, string[]>();
  for (const { is, text, scope } of script.words.filter(isVariable))
    if (is === 'local' && group.every(({ words }) => isLocal(text, words)))
      locals.set(scope, [...(locals.get(scope) ?? []), text]);
  return locals;
}

function isLocal(name: string, words: readonly Word[]): boolean {
  const declared = new Set<number>();
  for (const { is, text, scope } of words) {
    if (text !== name || (is !== 'local' && is !== 'set' && is !== 'read')) continue;
    if (is === 'local') declared.add(scope);
    else if (!declared.has(scope)) return false;
  }
  return true;
}

/** Gives the words that are meant the shortest names for the most used, by group and word. */
function allot(
  scripts: Iterable<Script>,
  shortNames: readonly string[],
  isMeant: (script: Script, word: Word) => boolean
): Map<string, string> {
  const uses = new Map<string, string[]>();
  for (const script of scripts)
    for (const word of script.words)
      if (isMeant(script, word)) uses.set(word.text, [...(uses.get(word.text) ?? []), script.group]);
  const sorted = [...uses].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  const taken = new Set<string>();
  const given = new Map<string, string>();
  for (const [name, groups] of sorted) {
    const short = shortNames.find((candidate) =>
      groups.every((group) => !taken.has(`${group} ${candidate}`))
    );
    if (short === undefined) throw new Error(`no name is left for ${name}`);
    for (const group of groups) {
      taken.add(`${group} ${short}`);
      given.set(`${group} ${name}`, short);
    }
  }
  return given;
}
