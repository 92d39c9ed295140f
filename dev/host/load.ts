import { resolve } from 'node:path';
import { compileForHost } from './compile.ts';
import { makeGlobals } from './globals.ts';
import { makeFs } from './modules/fs.ts';
import { math } from './modules/math.ts';
import { makeUci } from './modules/uci.ts';
import { Place } from './place.ts';
import { Realm, type Exports } from './realm.ts';

/**
 * Loads a module of TypeScript for ucode into this thread, without a check of its types, and returns what it exports.
 * It can neither wait nor start anything: of ucode's modules it has `fs`, `math` and `uci`.
 *
 * Strings that go in and come out are bytes (see `bytes.ts`).
 */
export function loadOnHost(
  path: string,
  options: {
    /** The folder that it takes for the root of the file system; the machine's unless given. */
    root?: string;
    /** Gets what it prints: bytes, to stdout (1) or stderr (2). Unless given, it is lost. */
    write?: (descriptor: number, bytes: string) => void;
  } = {}
): Exports {
  const { root = '/', write = () => undefined } = options;
  const place = new Place(root);
  const builtins: Readonly<Record<string, object>> = { fs: makeFs(place), math, uci: makeUci(place) };
  const realm = new Realm(compileForHost(path), (raise) => {
    const unable = (): never => raise('Error', 'Not in a thread without a program');
    const environment = {};
    const outside = { write, args: [], environment, exit: unable, system: unable, sleep: unable };
    return { builtin: (name) => builtins[name], globals: makeGlobals(outside, raise) };
  });
  return realm.load(resolve(path));
}
