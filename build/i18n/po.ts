import { keyOf, type Text } from './extract.ts';

/** A text and its translation, which is empty as long as there is none. */
export interface Entry extends Text {
  translation: string;
  /** Where it begins, from 1. */
  line: number;
}

export interface Po {
  /** Lines such as `Language: ja`, each with its end. */
  header: string;
  /** Without those that are marked as fuzzy, and those that are commented out. */
  entries: Entry[];
}

type Keyword = 'msgctxt' | 'msgid' | 'msgstr';

/** Reads a file of translations. Throws with its name and the line if there is something that is not understood. */
export function parsePo(name: string, content: string): Po {
  const fail = (line: number, problem: string): never => {
    throw new Error(`${name}:${line}: ${problem}`);
  };
  const po: Po = { header: '', entries: [] };
  const lines = new Map<string, number>();
  let fields: Partial<Record<Keyword, string>> = {};
  let begun = 0;
  let last: Keyword | undefined;
  let isFuzzy = false;

  const end = (): void => {
    const { msgctxt: context, msgid: id, msgstr: translation } = fields;
    if (begun > 0) {
      if (id === undefined || translation === undefined) return fail(begun, 'has no msgid, or no msgstr');
      const entry = { context, id, translation, line: begun };
      const first = lines.get(keyOf(entry));
      if (first !== undefined) fail(begun, `this text is there already, in line ${first}`);
      lines.set(keyOf(entry), begun);
      if (id === '' && context === undefined) po.header = translation;
      else if (!isFuzzy) po.entries.push(entry);
    }
    fields = {};
    begun = 0;
    isFuzzy = false;
  };

  for (const [i, line] of content.split('\n').entries()) {
    const at = i + 1;
    if (/^\s*(#|$)/.test(line)) {
      if (fields.msgstr !== undefined || line.startsWith('#~')) end();
      isFuzzy ||= /^#,.*\bfuzzy\b/.test(line);
      last = undefined;
      continue;
    }
    const [, keyword, text] = /^\s*(?:(msgctxt|msgid|msgstr)\s*)?"((?:[^"\\]|\\.)*)"\s*$/.exec(line) ?? [];
    if (text === undefined) fail(at, explain(line));
    const value = (text ?? '').replace(/\\(.)/g, (escape, letter: string) => {
      return escapes[letter] ?? fail(at, `${escape} is none of \\n, \\t, \\" and \\\\`);
    });
    if (isKeyword(keyword)) {
      if (keyword !== 'msgstr' && fields.msgstr !== undefined) end();
      if (followers[keyword].some((each) => fields[each] !== undefined))
        fail(at, `${keyword} does not belong here`);
      if (begun === 0) begun = at;
      last = keyword;
    } else if (last === undefined) fail(at, 'this text belongs to nothing');
    if (last) fields[last] = (fields[last] ?? '') + value;
  }
  end();
  return po;
}

/** What comes after each, or is it: what must not be there yet. */
const followers: Record<Keyword, readonly Keyword[]> = {
  msgctxt: ['msgctxt', 'msgid', 'msgstr'],
  msgid: ['msgid', 'msgstr'],
  msgstr: ['msgstr']
};

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };

function isKeyword(keyword: string | undefined): keyword is Keyword {
  return keyword !== undefined && keyword in followers;
}

function explain(line: string): string {
  if (/^\s*(msgid_plural|msgstr\[)/.test(line)) return 'this package has no plurals';
  return 'takes msgctxt, msgid or msgstr, and a text in double quotes that ends in the same line';
}

/** What `parsePo` reads, each text with the files that it stands in. */
export function renderPo(
  header: string,
  entries: readonly (Text & { translation: string; references: readonly string[] })[]
): string {
  const blocks = entries.map(({ context, id, translation, references }) =>
    [
      ...references.map((path) => `#: ${path}`),
      ...(context === undefined ? [] : [`msgctxt ${quote(context)}`]),
      `msgid ${quote(id)}`,
      `msgstr ${quote(translation)}`
    ].join('\n')
  );
  const lines = header.match(/.*\n/g) ?? [];
  return [['msgid ""', 'msgstr ""', ...lines.map(quote)].join('\n'), ...blocks].join('\n\n') + '\n';
}

function quote(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
