import { ESLint } from 'eslint';
import * as prettier from 'prettier';
import tsBlankSpace from 'ts-blank-space';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findUcodes, type Ucode } from '../support/ucode.ts';
import { probes } from './ucode-probes.ts';

/** Each rule for TypeScript that becomes ucode fires where it should, and ucode agrees that it has to. */

const place = 'test/fixtures/ucode/app/main.ts';
const eslint = new ESLint({
  overrideConfig: {
    // Otherwise CI=true makes it look at the types of the file on the disk, not of the text that it is given.
    languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } }
  }
});
const ucodes = await findUcodes();

const rules = suite('rules for ucode');

rules('each bad form is refused', async () => {
  const messages = await lint(probes.map(({ bad }) => bad));
  assert.equal(
    probes.filter(({ rule }, i) => !messages[i]?.some((message) => message.startsWith(rule))),
    []
  );
});

rules('each good form is let through', async () => {
  assert.equal((await lint(probes.map(({ good }) => good))).flat(), []);
});

rules('each rule is tried here', async () => {
  const { rules: configured } = (await eslint.calculateConfigForFile(place)) as {
    rules: Record<string, [severity: number, ...{ message: string }[]]>;
  };
  const [, ...syntax] = configured['no-restricted-syntax'] ?? [];
  const names = [
    ...syntax.map(({ message }) => message),
    ...Object.keys(configured).filter((name) => name.startsWith('ucode/'))
  ];
  assert.ok(names.length > 40);
  assert.equal(
    names.filter((name) => !probes.some(({ rule }) => name.startsWith(rule))),
    []
  );
});

rules('prettier neither removes a semicolon nor adds a comma', async () => {
  const options = await prettier.resolveConfig(place);
  const statement = `print('${'long'.repeat(15)}', '${'longer'.repeat(15)}');`;
  const formatted = await prettier.format(statement, { ...options, parser: 'typescript' });
  assert.match(formatted, /[^,]\n\);\n$/);
});

rules.run();

if (ucodes.length === 0)
  console.log('skipped: the forms that ucode does not have, in ucode: there is no OpenWrt root tree');

for (const ucode of ucodes) {
  const test = suite(`rules for ucode ${ucode.release}`);

  test('each bad form is no ucode, or has another meaning', () => {
    const ran = runAll(
      ucode,
      probes.map(({ bad }) => bad)
    );
    const harmless = probes.filter(({ prints }, i) =>
      prints === undefined ? !/^(Syntax|Reference) error/.test(ran[i] ?? '') : ran[i] === prints
    );
    assert.equal(harmless, []);
  });

  test('each good form runs, with the same meaning', () => {
    const ran = runAll(
      ucode,
      probes.map(({ good }) => good)
    );
    const wrong = probes.filter(({ prints }, i) =>
      prints === undefined ? / error/.test(ran[i] ?? ' error') : ran[i] !== prints
    );
    assert.equal(wrong, []);
  });

  test.run();
}

/** The messages of each text, linted together. */
async function lint(texts: readonly string[]): Promise<string[][]> {
  const parts = texts.map((text) => (/^(import|export) |; export \{/.test(text) ? text : `{ ${text} }`));
  const [result] = await eslint.lintText(parts.join('\n'), { filePath: place });
  let first = 1;
  return parts.map((part) => {
    const from = first;
    first += part.split('\n').length;
    return (result?.messages ?? [])
      .filter(({ line }) => from <= line && line < first)
      .map(({ ruleId, message }) => (ruleId === 'no-restricted-syntax' ? message : `${ruleId}: ${message}`));
  });
}

/** What each text prints, as a module of its own. */
function runAll(ucode: Ucode, texts: readonly string[]): string[] {
  const files = Object.fromEntries(texts.map((text, i) => [`${i}.uc`, tsBlankSpace(text)]));
  const script = `for i in $(seq 0 ${texts.length - 1}); do ucode -e "import '/mnt/$i.uc';" 2>&1; printf '\\0'; done`;
  return ucode.run(['sh', '-c', script], files).output.split('\0');
}
