/** LuCI's classes: made of a table of members, not with JavaScript's word for it. */

export type Instance = Record<string, unknown>;

/** The members of a class; `__init__` is its constructor. */
export type Members = Readonly<Record<string, unknown>>;

export interface LuciClass {
  new (...args: unknown[]): Instance;
  extend(members: Members): LuciClass;
  /** An instance of what `extend` makes. */
  singleton(members: Members, ...args: unknown[]): Instance;
  isSubclass(value: unknown): boolean;
}

export const baseclass: LuciClass = derive(Object.prototype, {});

/** As on LuCI: members do not show when an instance is gone through, and each can be overwritten in it. */
function derive(parent: object, members: Members): LuciClass {
  const prototype = Object.create(parent) as Instance;
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(prototype, name, { value, writable: true });

  function Made(this: Instance, ...args: unknown[]): void {
    if (!(this instanceof Made)) throw new TypeError('a class of LuCI is made with `new`');
    const initialise = this['__init__'];
    if (typeof initialise === 'function') initialise.apply(this, args);
  }
  Made.prototype = prototype;
  Object.defineProperty(prototype, 'constructor', { value: Made, writable: true });

  const made = Made as unknown as LuciClass;
  return Object.assign(made, {
    extend: (more: Members) => derive(prototype, more),
    singleton: (more: Members, ...args: unknown[]) => new (derive(prototype, more))(...args),
    isSubclass: (value: unknown) =>
      typeof value === 'function' && (value as unknown as { prototype: unknown }).prototype instanceof Made
  });
}
