import { keyOf, type Message } from './extract.ts';
import type { Po } from './po.ts';

export interface Checked {
  /** How many texts have a translation. */
  translated: number;
  /** What would be shown wrong, each with file and line. */
  problems: string[];
}

/** Compares the translations of the file `name` with the texts that there are. What is missing is no problem. */
export function checkPo(name: string, po: Po, messages: readonly Message[]): Checked {
  const known = new Set(messages.map(keyOf));
  const problems: string[] = [];
  for (const entry of po.entries) {
    const { id, translation, line } = entry;
    const wrong = (what: string): void => {
      problems.push(`${name}:${line}: ${what}: ${id}`);
    };
    if (!known.has(keyOf(entry))) wrong('nothing shows this text any more (`npm run i18n` takes it out)');
    else if (translation !== '') {
      const [wanted, found] = [placeholders(id), placeholders(translation)];
      if (wanted !== found)
        wrong(`the translation has ${found || 'no placeholder'}, not ${wanted || 'none'}`);
      if (/[\n\t]/.test(translation)) wrong('LuCI shows no line ends and no tabs in a translation');
    }
  }
  const translated = po.entries.filter((entry) => entry.translation !== '' && known.has(keyOf(entry)));
  return { translated: translated.length, problems };
}

/** Which value goes where, and how: the first `%s` is `%1$s`, whose order may be another one in a translation. */
function placeholders(text: string): string {
  let next = 1;
  const found = [...text.matchAll(/%(?:(\d)\$)?([-.\d]*[a-zA-Z])/g)];
  return found
    .map(([all, place, form]) => (form === 's' ? `%${place ?? next++}$s` : all))
    .sort()
    .join(' ');
}
