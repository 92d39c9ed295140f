import { baseclass } from './class.ts';
import { dom } from './dom.ts';
import { environment } from './environment.ts';
import { load } from './loader.ts';
import { poll } from './poll.ts';
import { view } from './view.ts';

/** The global `L`: what pages use of it. */
export const luci = {
  env: environment,
  Class: baseclass,
  Poll: poll,
  dom,
  view,
  require: (name: string) => load(name),
  bind: (call: (...args: unknown[]) => unknown, self: unknown, ...args: unknown[]) =>
    call.bind(self, ...args),
  resolveDefault: async (value: unknown, otherwise: unknown) => Promise.resolve(value).catch(() => otherwise),
  isObject: (value: unknown) => typeof value === 'object' && value !== null,
  toArray: (value: unknown): unknown[] => {
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value;
    if (typeof value === 'object') return [value];
    return String(value as unknown)
      .split(/\s+/)
      .filter((word) => word !== '');
  },
  naturalCompare: new Intl.Collator(undefined, { numeric: true }).compare,
  hasViewPermission: () => (environment.nodespec.satisfied ? !environment.nodespec.readonly : null),
  hasSystemFeature: () => false,
  url: (...parts: unknown[]) => path(environment.scriptname, parts),
  resource: (...parts: unknown[]) => path(environment.resource, parts),
  location: () => path(environment.scriptname, environment.requestpath)
};

/** A part that could not be in a path is left out. */
function path(start: string, parts: readonly unknown[]): string {
  const allowed = parts
    .flat(Infinity)
    .map(String)
    .filter((part) => /^(\?[\w.%=&;-]+|([\w.%,;-]+\/)*[\w.%,;-]+)$/.test(part))
    .map((part) => (part.startsWith('?') ? part : `/${part}`));
  return `${start}${allowed.join('') || '/'}`;
}
