/** So many different lengths below one, in a random order; all of them if there are not more. */
export function cuts(length: number, count: number, random: () => number): number[] {
  const all = Array.from({ length }, (_, at) => ({ at, place: random() }));
  return all
    .sort((a, b) => a.place - b.place)
    .slice(0, count)
    .map(({ at }) => at);
}

/** A text with something wrong in one to three places; the same numbers make the same of it. */
export function mutate(text: string, random: () => number): string {
  const times = 1 + Math.floor(random() * 3);
  return Array.from({ length: times }).reduce<string>((now) => {
    const change = changes[Math.floor(random() * changes.length)] ?? zeroes;
    return change(now, random);
  }, text);
}

type Change = (text: string, random: () => number) => string;

/** What was to be written after a place never was. */
const zeroes: Change = (text, random) => {
  const at = place(text, random);
  return text.slice(0, at) + '\0'.repeat(text.length - at);
};

const changes: Change[] = [
  zeroes,
  // A block of flash that went bad.
  (text, random) => {
    const at = place(text, random);
    const rubbish = Array.from({ length: 16 }, () => String.fromCharCode(random() * 256)).join('');
    return text.slice(0, at) + rubbish + text.slice(at + rubbish.length);
  },
  (text, random) => {
    const at = place(text, random);
    const bit = 1 << (random() * 8);
    return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ bit) + text.slice(at + 1);
  },
  (text, random) => text.slice(place(text, random)),
  (text, random) => {
    const from = place(text, random);
    return text.slice(0, from) + text.slice(from + random() * 40);
  },
  (text, random) => {
    const lines = text.split('\n');
    lines.splice(random() * lines.length, 1);
    return lines.join('\n');
  },
  (text, random) => {
    const lines = text.split('\n');
    lines.splice(random() * lines.length, 0, lines[Math.floor(random() * lines.length)] ?? '');
    return lines.join('\n');
  }
];

function place(text: string, random: () => number): number {
  return Math.floor(random() * text.length);
}
