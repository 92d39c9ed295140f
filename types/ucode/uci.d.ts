/** OpenWrt's configuration. Whatever fails returns null, and `error()` says why. */
declare module 'uci' {
  /** An option, or a list. */
  export type Value = string | string[];

  /** A section's options, and about the section itself: */
  export interface Section {
    '.anonymous': boolean;
    /** Its name; `cfg` and six digits if it has none. */
    '.name': string;
    '.type': string;
    /** Its place among the others; not in `get_all(config, section)`. */
    '.index'?: number;
    [option: string]: Value | boolean | number | undefined;
  }

  /** Operation (`add`, `set`, `remove`, `order`, `list-add`, `list-del`, `rename`), section, option or type, value. */
  export type Change = [operation: string, section: string, ...details: string[]];

  /**
   * A view of the configuration, with changes of its own until `save()` or `commit()`. What others changed is seen
   * after `load()` or `unload()`.
   */
  export interface Cursor {
    /** Reads the file anew. */
    load(config: string): true | null;
    /** Forgets it, with changes that were not saved. false if it was not loaded. */
    unload(config: string): boolean | null;

    /** An option's value; without `option` the section's type. */
    get(config: string, section: string): string | null;
    get(config: string, section: string, option: string): Value | null;
    get_all(config: string): Record<string, Section> | null;
    get_all(config: string, section: string): Section | null;
    /** An option of the first section of that type; without `option` the section's name. */
    get_first(config: string, type: string): string | null;
    get_first(config: string, type: string, option: string): Value | null;
    /** Calls back for each section (of that type) until `false` is returned. false if there was none. */
    foreach(config: string, type: string | null, callback: (section: Section) => unknown): boolean | null;
    configs(): string[] | null;

    /** Adds a section without a name, to a file that is loaded. Returns its `.name`. */
    add(config: string, type: string): string | null;
    /** Adds a section with a name. */
    set(config: string, section: string, type: string): true | null;
    /** Sets an option of a section that exists; '' removes it, [] is refused. Numbers and booleans (`1`, `0`) become text. */
    set(
      config: string,
      section: string,
      option: string,
      value: string | number | boolean | readonly (string | number | boolean)[]
    ): true | null;
    /** Removes a section, or an option. */
    delete(config: string, section: string, option?: string): true | null;
    list_append(
      config: string,
      section: string,
      option: string,
      value: string | number | boolean
    ): true | null;
    list_remove(
      config: string,
      section: string,
      option: string,
      value: string | number | boolean
    ): true | null;
    /** Renames a section, or an option. */
    rename(config: string, section: string, name: string): true | null;
    rename(config: string, section: string, option: string, name: string): true | null;
    /** Moves a section to that place, counted from 0. */
    reorder(config: string, section: string, index: number): true | null;

    /** Writes the changes to the delta directory, where `uci changes` sees them. */
    save(config?: string): true | null;
    /** Writes the changes, saved ones too, to the file. */
    commit(config?: string): true | null;
    /** Forgets the changes, saved ones too. */
    revert(config?: string): true | null;
    changes(config?: string): Record<string, Change[]> | null;

    error(): string | null;
  }

  export interface Flags {
    /** Whether a file with an error is refused; the default. */
    strict?: boolean;
    /** Whether errors are printed to stderr. */
    print_errors?: boolean;
  }

  /** `configDir` is /etc/config, `deltaDir` /tmp/.uci, `overrideDir` /var/run/uci, unless given. */
  export function cursor(
    configDir?: string | null,
    deltaDir?: string | null,
    overrideDir?: string | null,
    flags?: Flags
  ): Cursor | null;

  /** The last error's text, once; null if there was none. */
  export function error(): string | null;
}
