/** A file of UCI in memory, as libuci has it. */

export interface Section {
  name: string;
  type: string;
  anonymous: boolean;
  options: Map<string, string | string[]>;
}

/** `section`, `option` and `value` as of libuci's delta; what an operation lacks is null. */
export interface Change {
  operation: 'add' | 'set' | 'remove' | 'order' | 'list-add' | 'list-del' | 'rename';
  section: string;
  option: string | null;
  value: string | null;
}

export class UciError extends Error {}

export class Package {
  sections: Section[] = [];
  /** How many sections there have been: part of a nameless one's name. */
  #count = 0;

  /** Throws a UciError if the text is not as it should be. */
  static parse(text: string): Package {
    const parsed = new Package();
    let section: Section | undefined;
    for (const [command = '', ...words] of statements(text)) {
      const [name = '', value = ''] = words;
      if (/^c(onfig)?$/.test(command) && name !== '' && words.length <= 2)
        section = value === '' ? parsed.add(name) : parsed.named(value, name);
      else if (/^o(ption)?$/.test(command) && section && name !== '' && words.length <= 2)
        section.options.set(name, value);
      else if (/^l(ist)?$/.test(command) && section && name !== '' && words.length <= 2)
        append(section, name, value);
      else if (!/^p(ackage)?$/.test(command)) throw new UciError('Parse error');
    }
    return parsed;
  }

  /** As a file. */
  toString(): string {
    const sections = this.sections.map(({ name, type, anonymous, options }) => {
      const head = `\nconfig ${escape(type)}${anonymous ? '' : ` '${escape(name)}'`}\n`;
      const lines = [...options].flatMap(([option, value]) =>
        typeof value === 'string'
          ? [`\toption ${escape(option)} '${escape(value)}'\n`]
          : value.map((item) => `\tlist ${escape(option)} '${escape(item)}'\n`)
      );
      return head + lines.join('');
    });
    return `${sections.join('')}\n`;
  }

  find(name: string): Section | undefined {
    const [, type, index] = /^@([^[]+)\[(-?[0-9]+)\]$/.exec(name) ?? [];
    if (type === undefined) return this.sections.find((section) => section.name === name);
    return this.sections.filter((section) => section.type === type).at(Number(index));
  }

  /** Adds a section without a name. */
  add(type: string): Section {
    const count = (++this.#count).toString(16).padStart(2, '0');
    let hash = 5381;
    for (const letter of type) hash = (Math.imul(hash, 33) + letter.charCodeAt(0)) | 0;
    const name = `cfg${count}${(hash & 0xffff).toString(16).padStart(4, '0')}`;
    return this.#put({ name, type, anonymous: true, options: new Map() });
  }

  /** Makes a change; returns false if there was nothing to change. Throws a UciError if there is no such place. */
  apply({ operation, section: name, option, value }: Change): boolean {
    if (operation === 'add' || (operation === 'set' && option === null)) {
      const section = this.named(name, value ?? '');
      if (operation === 'add') section.anonymous = true;
      return true;
    }
    const section = this.find(name);
    if (!section) throw new UciError('Entry not found');
    const { options } = section;
    const old = option === null ? undefined : options.get(option);
    switch (operation) {
      case 'set':
        if (old === value) return false;
        options.set(option ?? '', value ?? '');
        return true;
      case 'remove':
        if (option !== null) return options.delete(option);
        this.sections.splice(this.sections.indexOf(section), 1);
        return true;
      case 'rename':
        if (option === null) Object.assign(section, { name: value, anonymous: false });
        else
          section.options = new Map(
            [...options].map(([key, kept]) => [key === option ? (value ?? '') : key, kept])
          );
        return true;
      case 'order': {
        const from = this.sections.indexOf(section);
        this.sections.splice(from, 1);
        this.sections.splice(Number(value), 0, section);
        return this.sections.indexOf(section) !== from;
      }
      case 'list-add':
        append(section, option ?? '', value ?? '');
        return true;
      case 'list-del': {
        const kept = (Array.isArray(old) ? old : []).filter((item) => item !== value);
        if (kept.length > 0) options.set(option ?? '', kept);
        else if (Array.isArray(old)) options.delete(option ?? '');
        return true;
      }
    }
  }

  /** The section of that name; a new one if there is none. */
  named(name: string, type: string): Section {
    const known = this.find(name);
    if (known) return Object.assign(known, { type });
    this.#count++;
    return this.#put({ name, type, anonymous: false, options: new Map() });
  }

  #put(section: Section): Section {
    this.sections.push(section);
    return section;
  }
}

/** The lines of a delta file. */
export function formatChanges(config: string, changes: readonly Change[]): string {
  return changes
    .map(({ operation, section, option, value }) => {
      const place = [config, section, ...(option === null ? [] : [option])].join('.');
      return `${marks[operation]}${place}${value === null ? '' : `='${escape(value)}'`}\n`;
    })
    .join('');
}

export function parseChanges(text: string): Change[] {
  return [...statements(text)].flatMap(([line = '']) => {
    const found = /^([-+@^|~]?)[^.]+\.([^.=]+)(?:\.([^=]+))?(?:=(.*))?$/s.exec(line);
    const [, mark, section, option, value] = found ?? [];
    if (section === undefined) return [];
    const operation = (Object.keys(marks) as Change['operation'][]).find((name) => marks[name] === mark);
    return [{ operation: operation ?? 'set', section, option: option ?? null, value: value ?? null }];
  });
}

const marks: Readonly<Record<Change['operation'], string>> = {
  add: '+',
  set: '',
  remove: '-',
  order: '^',
  'list-add': '|',
  'list-del': '~',
  rename: '@'
};

function append({ options }: Section, name: string, value: string): void {
  const old = options.get(name) ?? [];
  options.set(name, [...(typeof old === 'string' ? [old] : old), value]);
}

/** The words of each line or of what a `;` ends. */
function* statements(text: string): Generator<string[]> {
  const token = /[ \t\r\f\v]+|#[^\n]*|([\n;])|((?:'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]|[^\s'"#;\\])+)/gy;
  let words: string[] = [];
  let end = 0;
  for (const [whole, stop, word] of text.matchAll(token)) {
    end += whole.length;
    if (word !== undefined) words.push(unquote(word));
    if (stop !== undefined && words.length > 0) {
      yield words;
      words = [];
    }
  }
  // A quote that never ends.
  if (end < text.length) throw new UciError('Parse error');
  if (words.length > 0) yield words;
}

function unquote(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])/g,
    (_, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replace(/\\(?:\n|([^]))/g, '$1') ?? (escaped === '\n' ? '' : (escaped ?? ''))
  );
}

function escape(value: string): string {
  return value.replaceAll("'", "'\\''");
}
