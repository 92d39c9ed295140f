/** LuCI's forms are not imitated: whatever a page does with them, it gets one sentence to show. */

import { create } from './dom.ts';

/** Any class of it, any object of such a class, any option of such an object: all the same. */
export const form = standIn({
  render: () =>
    Promise.resolve(create('p', { class: 'alert-message info' }, ['This part needs LuCI itself.'])),
  save: done,
  reset: done,
  load: done
});

/** The router's configuration: empty. */
export const uci = standIn({
  load: () => Promise.resolve([]),
  unload: () => undefined,
  get: () => null,
  get_first: () => null,
  get_bool: () => false,
  sections: () => [],
  changes: () => Promise.resolve({}),
  save: done,
  apply: done
});

function done(): Promise<void> {
  return Promise.resolve();
}

/** What is not among these members is the stand-in itself, to be called, made or looked into. */
function standIn(members: Readonly<Record<string, unknown>>): object {
  const all: object = new Proxy(function standsIn() {} as unknown as new () => object, {
    get: (_, name) => {
      // A promise would wait for it; and whoever prints it wants a text.
      if (typeof name === 'symbol' || name === 'then') return undefined;
      return name in members ? members[name] : all;
    },
    set: () => true,
    apply: () => all,
    construct: () => all
  });
  return all;
}
