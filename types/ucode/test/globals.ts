/** Compiles as it stands: what is right is accepted, and what stands below `@ts-expect-error` is not. */

const list = [3, 1, 2];
const text = 'abc';
const table: Record<string, number> = { a: 1 };
const unknownValue = json('[]');

function takesNumber(value: number): void {
  print(value);
}
function takesText(value: string): void {
  print(value);
}

// Values have no methods and no length.
// @ts-expect-error length(list)
takesNumber(list.length);
takesNumber(length(list));
takesNumber(length(text));
// @ts-expect-error null for what has no length
takesNumber(length(unknownValue));
// @ts-expect-error push(list, 4)
list.push(4);
push(list, 4);
// @ts-expect-error the list is one of numbers
push(list, 'a');
// @ts-expect-error substr(text, 0, 1)
takesText(text[0]);
takesText(substr(text, 0, 1));
// @ts-expect-error uc(text)
takesText(text.toUpperCase());
takesText(uc(text));

// There is no JavaScript around it.
// @ts-expect-error print()
console.log('a');
// @ts-expect-error json()
JSON.parse('1');
// @ts-expect-error an object
new Map();
// @ts-expect-error callbacks
Promise.resolve();

// What may be missing has to be asked for.
// @ts-expect-error there may be no such element
takesNumber(list[0]);
takesNumber(list[0] ?? 0);
// @ts-expect-error there may be no such key
takesNumber(table['b']);
// @ts-expect-error null if there is none
takesNumber(pop(list));
// @ts-expect-error null if it is not set
takesText(getenv('PATH'));
takesText(getenv()['PATH'] ?? '');
// @ts-expect-error null if it is no address
takesNumber(length(iptoarr('x')));
// @ts-expect-error null if nothing matches
takesText(match(text, /b/)[0]);
takesText(match(text, /b/)?.[0] ?? '');
// @ts-expect-error a group may take no part
takesText(match(text, /(x)?/)?.[1]);
takesText(match<Match[]>(text, /b/g)?.[0]?.[0] ?? '');
// @ts-expect-error null without such a clock
takesNumber(clock(true)[0]);

// Callbacks get and give what they should.
takesText(
  join(
    ',',
    map(list, (value, i) => value + i)
  )
);
takesNumber(filter([1, null], (value): value is number => value != null)[0] ?? 0);
sort(list, (a, b) => a - b);
sort({ b: 1, a: 2 }, (a, b) => ord(a) ?? ord(b) ?? 0);
takesText(replace(text, /(b)/, (all, group) => uc(group ?? all)));
// @ts-expect-error a list of texts
takesNumber(...['a']);
print(...list);

// die() and exit() do not come back, assert() tells what holds.
function orDie(value: number | null): number {
  return value ?? die('nothing');
}
function asserted(value: number | null): number {
  assert(value != null, 'nothing');
  return value;
}
function orExit(value: number | null): number {
  if (value == null) exit(1);
  return value;
}
try {
  takesNumber(orDie(1) + asserted(1) + orExit(1));
} catch (e) {
  // @ts-expect-error it may have been any object
  takesText(e.message);
  const exception = e as Exception;
  takesText(exception.stacktrace[0]?.function ?? exception.message);
}

if (type(unknownValue) == 'array') print('a list');
// @ts-expect-error ucode calls it `double`
if (type(unknownValue) == 'number') print('a number');
