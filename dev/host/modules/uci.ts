import fs from 'node:fs';
import type { Place } from '../place.ts';
import { formatChanges, Package, parseChanges, UciError, type Change, type Section } from '../uci-package.ts';
import { Resource, isCallable, table, text, type Table } from '../values.ts';

/** ucode's `uci`. */
export function makeUci(place: Place): object {
  const failure: LastError = { message: null };
  return {
    error: () => takeError(failure),
    cursor: (configDir?: unknown, deltaDir?: unknown) =>
      new Cursor(
        place.real(typeof configDir === 'string' ? configDir : '/etc/config'),
        place.real(typeof deltaDir === 'string' ? deltaDir : '/tmp/.uci'),
        failure
      )
  };
}

interface LastError {
  message: string | null;
}

interface Loaded {
  package: Package;
  /** Saved in the delta directory by whomever. */
  saved: Change[];
  /** Ours, not saved yet. */
  pending: Change[];
}

class Cursor extends Resource {
  readonly #configDir: string;
  readonly #deltaDir: string;
  readonly #failure: LastError;
  readonly #loaded = new Map<string, Loaded>();

  constructor(configDir: string, deltaDir: string, failure: LastError) {
    super();
    this.#configDir = configDir;
    this.#deltaDir = deltaDir;
    this.#failure = failure;
  }

  load(config: unknown): true | null {
    return this.#try(() => {
      this.#loaded.delete(name(config));
      this.#get(config);
      return true;
    });
  }

  unload(config: unknown): boolean | null {
    return this.#try(() => this.#loaded.delete(name(config)));
  }

  get(config: unknown, section: unknown, option?: unknown): unknown {
    return this.#try(() => {
      const found = sectionOf(this.#get(config), section);
      return option == null ? found.type : optionOf(found, option);
    });
  }

  get_all(config: unknown, section?: unknown): Table | null {
    return this.#try(() => {
      const loaded = this.#get(config);
      if (section != null) return seen(sectionOf(loaded, section));
      const { sections } = loaded.package;
      return table(Object.fromEntries(sections.map((found, i) => [found.name, seen(found, i)])));
    });
  }

  get_first(config: unknown, type: unknown, option?: unknown): unknown {
    return this.#try(() => {
      const found = this.#get(config).package.sections.find((section) => section.type === type);
      if (!found) throw new UciError('Entry not found');
      return option == null ? found.name : optionOf(found, option);
    });
  }

  foreach(config: unknown, type: unknown, callback: unknown): boolean | null {
    const sections = this.#try(() => [...this.#get(config).package.sections]);
    if (!sections) return null;
    let any = false;
    for (const [i, section] of sections.entries()) {
      if (type != null && section.type !== type) continue;
      any = true;
      if (isCallable(callback) && callback(seen(section, i)) === false) break;
    }
    return any;
  }

  configs(): string[] | null {
    return this.#try(() =>
      fs
        .readdirSync(this.#configDir)
        .filter((file) => !file.startsWith('.'))
        .sort()
    );
  }

  add(config: unknown, type: unknown): string | null {
    return this.#try(() => {
      const loaded = this.#loaded.get(name(config));
      if (!loaded) throw new UciError('Entry not found');
      const added = loaded.package.add(name(type));
      loaded.pending.push({ operation: 'add', section: added.name, option: null, value: added.type });
      return added.name;
    });
  }

  set(config: unknown, section: unknown, ...rest: unknown[]): true | null {
    return this.#try(() => {
      const loaded = this.#get(config);
      if (rest.length === 1) {
        if (typeof rest[0] !== 'string') throw new UciError('Invalid argument');
        change(loaded, 'set', section, null, rest[0]);
        return true;
      }
      const [option, value] = rest;
      const items = valuesOf(value);
      const found = sectionOf(loaded, section);
      const [first = '', ...others] = items;
      if (Array.isArray(value) && others.length === 0) {
        if (found.options.has(name(option))) change(loaded, 'remove', section, option, null);
        change(loaded, 'list-add', section, option, first);
      } else if (first !== '') change(loaded, 'set', section, option, first);
      else if (found.options.has(name(option))) change(loaded, 'remove', section, option, null);
      for (const item of others) change(loaded, 'list-add', section, option, item);
      return true;
    });
  }

  delete(config: unknown, section: unknown, option?: unknown): true | null {
    return this.#try(() => {
      const loaded = this.#get(config);
      const found = sectionOf(loaded, section);
      if (option != null) optionOf(found, option);
      change(loaded, 'remove', section, option ?? null, null);
      return true;
    });
  }

  list_append(config: unknown, section: unknown, option: unknown, value: unknown): true | null {
    return this.#edit('list-add', config, section, option, value);
  }

  list_remove(config: unknown, section: unknown, option: unknown, value: unknown): true | null {
    return this.#edit('list-del', config, section, option, value);
  }

  rename(config: unknown, section: unknown, ...rest: unknown[]): true | null {
    const [option, value] = rest.length === 1 ? [null, rest[0]] : rest;
    return this.#edit('rename', config, section, option, value);
  }

  reorder(config: unknown, section: unknown, index: unknown): true | null {
    return this.#edit('order', config, section, null, index);
  }

  save(config?: unknown): true | null {
    return this.#each(config, (file, loaded) => {
      this.#save(file, loaded);
    });
  }

  commit(config?: unknown): true | null {
    return this.#each(config, (file, loaded) => {
      this.#save(file, loaded);
      const current = this.#read(file);
      // What was saved stays among its changes until it is loaded anew, as libuci has it.
      this.#loaded.set(file, current);
      if (current.saved.length === 0) return;
      const path = `${this.#configDir}/${file}`;
      const fresh = `${this.#configDir}/.${file}.uci-${process.pid}`;
      fs.writeFileSync(fresh, current.package.toString(), {
        encoding: 'latin1',
        mode: fs.statSync(path).mode
      });
      fs.renameSync(fresh, fs.realpathSync(path));
      fs.truncateSync(`${this.#deltaDir}/${file}`);
    });
  }

  revert(config?: unknown): true | null {
    return this.#each(config, (file) => {
      fs.rmSync(`${this.#deltaDir}/${file}`, { force: true });
      this.#loaded.set(file, this.#read(file));
    });
  }

  changes(config?: unknown): Table | null {
    return this.#try(() => {
      const found = table();
      for (const file of this.configs() ?? []) {
        if (config != null && file !== config) continue;
        const { saved, pending } = this.#loaded.get(file) ?? this.#read(file);
        const all = [...saved, ...pending];
        if (all.length > 0) found[file] = all.map(shown);
      }
      return found;
    });
  }

  error(): string | null {
    return takeError(this.#failure);
  }

  #edit(
    operation: Change['operation'],
    config: unknown,
    section: unknown,
    option: unknown,
    value: unknown
  ): true | null {
    return this.#try(() => {
      const loaded = this.#get(config);
      sectionOf(loaded, section);
      change(loaded, operation, section, option, valuesOf(value)[0] ?? '');
      return true;
    });
  }

  #each(config: unknown, act: (file: string, loaded: Loaded) => void): true | null {
    return this.#try(() => {
      const wanted = config == null ? [...this.#loaded.keys()] : [name(config)];
      for (const file of wanted) {
        const loaded = this.#loaded.get(file);
        if (!loaded) throw new UciError('Entry not found');
        act(file, loaded);
      }
      return true;
    });
  }

  #get(config: unknown): Loaded {
    const file = name(config);
    const loaded = this.#loaded.get(file) ?? this.#read(file);
    this.#loaded.set(file, loaded);
    return loaded;
  }

  #read(file: string): Loaded {
    const parsed = Package.parse(readOr(`${this.#configDir}/${file}`, 'Entry not found'));
    const saved = parseChanges(readOr(`${this.#deltaDir}/${file}`, ''));
    for (const line of saved) {
      try {
        parsed.apply(line);
      } catch {
        // libuci leaves out what has no place any more.
      }
    }
    return { package: parsed, saved, pending: [] };
  }

  #save(file: string, loaded: Loaded): void {
    if (loaded.pending.length === 0) return;
    fs.mkdirSync(this.#deltaDir, { recursive: true });
    fs.appendFileSync(`${this.#deltaDir}/${file}`, formatChanges(file, loaded.pending), 'latin1');
    loaded.saved.push(...loaded.pending);
    loaded.pending = [];
  }

  #try<T>(act: () => T): T | null {
    this.#failure.message = null;
    try {
      return act();
    } catch (error) {
      this.#failure.message = error instanceof UciError ? error.message : 'I/O error';
      return null;
    }
  }
}

function takeError(failure: LastError): string | null {
  const { message } = failure;
  failure.message = null;
  return message;
}

/** `missing`: the error if there is no such file, or '' to take it for an empty one. */
function readOr(path: string, missing: string): string {
  try {
    return fs.readFileSync(path, 'latin1');
  } catch {
    if (missing !== '') throw new UciError(missing);
    return '';
  }
}

function name(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new UciError('Invalid argument');
  return value;
}

function sectionOf(loaded: Loaded, section: unknown): Section {
  const found = loaded.package.find(name(section));
  if (!found) throw new UciError('Entry not found');
  return found;
}

function optionOf(section: Section, option: unknown): string | string[] {
  const value = section.options.get(name(option));
  if (value === undefined) throw new UciError('Entry not found');
  return typeof value === 'string' ? value : [...value];
}

function change(
  loaded: Loaded,
  operation: Change['operation'],
  section: unknown,
  option: unknown,
  value: string | null
): void {
  const made: Change = {
    operation,
    // A place such as `@zone[0]` is written down by name.
    section: loaded.package.find(name(section))?.name ?? name(section),
    option: option == null ? null : name(option),
    value
  };
  if (loaded.package.apply(made)) loaded.pending.push(made);
}

function valuesOf(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  if (items.length === 0) throw new UciError('Invalid argument');
  return items.map((item) => {
    if (typeof item === 'boolean') return item ? '1' : '0';
    if (typeof item !== 'string' && typeof item !== 'number') throw new UciError('Invalid argument');
    return text(item);
  });
}

function seen(section: Section, index?: number): Table {
  return table({
    '.anonymous': section.anonymous,
    '.type': section.type,
    '.name': section.name,
    ...(index === undefined ? {} : { '.index': index }),
    ...Object.fromEntries(
      [...section.options].map(([option, value]) => [option, typeof value === 'string' ? value : [...value]])
    )
  });
}

function shown({ operation, section, option, value }: Change): unknown[] {
  const details = [option, value].filter((detail) => detail !== null);
  return [operation, section, ...(operation === 'order' ? [Number(value)] : details)];
}
