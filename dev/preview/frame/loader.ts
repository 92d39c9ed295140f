import { baseclass, type Instance, type LuciClass } from './class.ts';
import { directives } from './directives.ts';
import { dom } from './dom.ts';
import { environment } from './environment.ts';
import { poll } from './poll.ts';
import { rpc } from './rpc.ts';
import { form, uci } from './stand-ins.ts';
import { ui } from './ui.ts';
import { uqr } from './uqr.ts';
import { view } from './view.ts';

/** What is there without a file. */
const modules = new Map<string, unknown>(
  Object.entries({ baseclass, dom, form, poll, rpc, uci, ui, uqr, view })
);

/**
 * The module of this name, which is an instance of the class that its file returns: made once. `from` are those
 * that wait for it.
 */
export async function load(name: string, from: readonly string[] = []): Promise<unknown> {
  if (from.includes(name)) throw new Error(`Circular dependency: ${[...from, name].join(' needs ')}`);
  if (!modules.has(name)) modules.set(name, instantiate(name, [...from, name]));
  return await modules.get(name);
}

async function instantiate(name: string, from: readonly string[]): Promise<Instance> {
  const url = `${environment.resource}/${name.replaceAll('.', '/')}.js`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`HTTP error ${response.status} while loading class file "${url}"`);
  const source = await response.text();
  const needed = directives(source);
  const instances = await Promise.all(needed.map(([module]) => load(module, from)));

  const parameters = ['window', 'document', 'L', ...needed.map(([, as]) => as)].join(', ');
  // On one line, as LuCI does it: a comment at the end that has no newline would swallow the brace.
  const text = `'use strict';(function(${parameters}) { ${source} })\n\n//# sourceURL=${url}\n`;
  // Not as a name: it shall see nothing of this module.
  const factory = (0, eval)(text) as (...args: unknown[]) => unknown;
  const made = factory(window, document, (window as unknown as { L: unknown }).L, ...instances);
  if (!baseclass.isSubclass(made)) throw new TypeError(`"${name}" factory yields invalid constructor`);
  return new (made as LuciClass)();
}
