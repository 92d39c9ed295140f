/** LuCI's forms, as this page uses them. */

/** What LuCI makes of an option. */
export interface Value {
  default: string;
  placeholder: string;
  /** Where UCI has it, if not in the section that shows it. */
  ucisection: string;
  map: { data: { get(config: string, section: string): unknown; add(...names: string[]): unknown } };
  value(word: string): void;
  load: (this: Value, section: string) => unknown;
  parse: (this: Value, section: string) => unknown;
  write: (this: Value, section: string, value: string | string[]) => unknown;
  renderWidget: (section: string, index: number, value: string | string[] | null) => Node;
  validate(section: string, value: string): string | boolean;
  getUIElement(section: string): { isChanged(): boolean } | null;
}

/** LuCI's module, loaded by the page that uses it. */
export type Form = typeof form;
/** Makes an option. */
export type Make = (
  kind: 'DynamicList' | 'Flag' | 'ListValue' | 'Value',
  name: string,
  title: string,
  help: string
) => Value;

/** `option` is LuCI's own, of a section or tab. What nobody has touched is neither written nor, where it is the default, removed. */
export function maker(kinds: Form, option: unknown): Make {
  return (kind, ...words) => {
    const made = (option as (kind: unknown, ...words: string[]) => Value)(kinds[kind], ...words);
    const { parse } = made;
    made.parse = (section) => made.getUIElement(section)?.isChanged() && parse.call(made, section);
    return made;
  };
}
