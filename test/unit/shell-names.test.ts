import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shortenShellNames, withoutBlanks } from '../../build/shell-names.ts';

const library = `say_twice() {
local the_text="$1" long_name
long_name=\${the_text#a}
echo "$long_name \${#the_text} \${long_name%c}"; echo "$the_text"
}
`;

const test = suite('names in shell');

test('functions and variables have short names, the same in a script and in what it sources', () => {
  const script = `. /usr/lib/library
say_twice abc && for the_text in 1 2; do say_twice x; done
`;
  const short = shorten({ 'usr/lib/library': library, script });
  const [sourced = '', sourcing = ''] = short;
  assert.not.match(sourced + sourcing, /say_twice|the_text|long_name/);
  const whole = (text: string): string => text.replace(/^\. .*\n/m, '');
  assert.is(ran(whole(sourced + sourcing)), ran(whole(library + script)));
  assert.is(ran(whole(sourced + sourcing)), 'bc 3 b\nabc\nx 1 x\nx\nx 1 x\nx\n');
});

for (const text of [
  'say_twice() { echo "$1"; }; say_twice say_twice_more; trap \'say_twice 1\' EXIT',
  `a_key=1; echo '{"a_key":'$a_key'}'`,
  'an_option=$(echo x.y.an_option); echo "$an_option is an_option"',
  'for a_name in x.a_name; do echo $a_name; done',
  'count=2; echo a b c | dd bs=1 count=$count 2>/dev/null',
  'name=1 n=$((name + 2 * (name << 1))); echo $n ${name:+"$n$name"} ${name%"$n"}',
  'outer() { local said; inner; echo $said; }; inner() { said=1; }; said=2; outer; echo $said',
  'outer() { local word=1 other=2; inner; echo $word $other; }; inner() { local other=3; word=4; echo $other; }; outer',
  'with() { "$@"; }; print_it() { echo "$1"; }; with print_it print_it_all; with echo with',
  'log() { echo "log: $*"; }; case log in log | x) log log ;; *) log no ;; esac',
  'first=1 rest=2; cat <<-EOT\n$first $(echo $rest)\nEOT\necho $first',
  "first=1; cat <<-'EOT'\n$first\nEOT\necho $first",
  'one=1; f() ( exec 2>&1; echo $one >&2 ); f; g() { if ! f; then :; fi; } 2>/dev/null; g',
  'while read -r line rest; do echo "$rest $line"; done <<-EOT\na b c\nEOT\n'
])
  test(`it means the same: ${text}`, () => {
    const [shortened = ''] = shorten({ text });
    assert.ok(shortened.length < text.length, shortened);
    assert.is(ran(shortened), ran(text));
    const dense = withoutBlanks(text);
    assert.ok(dense.length < text.length, dense);
    assert.is(ran(dense), ran(text));
  });

for (const text of [
  'start_service() { :; }',
  'extra_command do_it "Does it"\ndo_it() { :; }',
  'TSR_VERSION=1; echo $HOME'
])
  test(`a name stays that others know: ${text}`, () => {
    assert.equal(shorten({ text }), [text]);
  });

for (const [text, dense] of [
  [
    'a=1; [ "$a" ] && echo "$a ;  b" || ! echo \'1 | 2\' | cat',
    'a=1;[ "$a" ]&&echo "$a ;  b"||! echo \'1 | 2\'|cat'
  ],
  ['case $(echo a) in a | b) echo 1 ;; *) ;; esac', 'case $(echo a) in a|b)echo 1;;*);;esac'],
  ['a=$((1 + (2 << 3))); b=$((a - -1)) c=$(echo 2) d=3', 'a=$((1+(2<<3)));b=$((a- -1)) c=$(echo 2) d=3'],
  [
    'f() { (echo 1; echo 2 >&2) 2>&1 | cat; }; f && { f & } ; wait',
    'f() { (echo 1;echo 2 >&2)2>&1|cat;};f&&{ f&};wait'
  ]
])
  test(`blanks that part nothing go: ${text}`, () => {
    assert.is(withoutBlanks(text ?? ''), dense);
    assert.is(ran(dense ?? ''), ran(text ?? ''));
  });

test('what an option sets keeps its name', () => {
  assert.equal(shorten({ text: 'log_level=1' }), ['log_level=1']);
});

test('what is not understood is said', () => {
  assert.throws(() => shorten({ text: 'trap "say_twice 1" EXIT' }), /not understood: "say_twice 1"/);
});

test.run();

function shorten(scripts: Record<string, string>): string[] {
  return [...shortenShellNames(new Map(Object.entries(scripts))).values()];
}

function ran(script: string): string {
  const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  return stdout + stderr;
}
