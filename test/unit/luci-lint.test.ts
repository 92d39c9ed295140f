import { ESLint } from 'eslint';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

/** What could make HTML, or code, of a name that somebody else has chosen is refused in LuCI's pages. */

const eslint = new ESLint({
  overrideConfig: {
    // Otherwise CI=true makes it look at the types of the file on the disk, not of the text that it is given.
    languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } }
  }
});

const probes: readonly [rule: string, bad: string, good: string][] = [
  ['luci/no-html', `E('p', {}, name)`, `E('p', {}, [name])`],
  ['luci/no-html', `E('p', name)`, `E('p', { title: name })`],
  ['luci/no-html', `E('p', {}, count > 1 ? name : node)`, `E('p', {}, count > 1 ? [name] : node)`],
  ['luci/no-html', `E('<p>')`, `E('p')`],
  ['luci/no-html', `dom.content(node, name)`, `dom.content(node, [name])`],
  ['luci/no-html', `dom.append(node, \`\${name}\`)`, `dom.append(node, node)`],
  ['luci/no-html', `dom.parse(name)`, `dom.elem(node)`],
  ['luci/no-html', `ui.showModal(name, [])`, `ui.showModal(_('Logout'), [name])`],
  ['luci/no-html', `ui.addNotification(null, name)`, `ui.addNotification(null, [name])`],
  ['luci/no-html', `node.innerHTML = name`, `node.textContent = name`],
  ['luci/no-html', `node.insertAdjacentHTML('beforeend', name)`, `node.append(name)`],
  ['luci/no-html', `new DOMParser().parseFromString(name, 'text/html')`, `document.createTextNode(name)`],
  ['luci/no-html', `document.write(name)`, `document.createElement('p')`],
  ['no-eval', `eval(name)`, `JSON.parse(name)`],
  ['@typescript-eslint/no-implied-eval', `setTimeout(name, 1)`, `setTimeout(() => undefined, 1)`],
  ['no-script-url', `node.title = 'javascript:0'`, `node.title = 'https:'`]
];

const test = suite('unit: rules for the pages');

test('what makes HTML or code of a text is refused', async () => {
  const found = await Promise.all(probes.map(([, bad]) => lint(bad)));
  assert.equal(
    probes.filter(([rule], i) => !found[i]?.includes(rule)),
    []
  );
});

test('what keeps a text a text is let through', async () => {
  const found = await Promise.all(probes.map(([, , good]) => lint(good)));
  assert.equal(
    probes.flatMap(([, , good], i) => (found[i] ?? []).filter(isOurs).map((rule) => [rule, good])),
    []
  );
});

test.run();

function isOurs(rule: string): boolean {
  return probes.some(([ours]) => ours === rule);
}

/** The names of the rules that this breaks. */
async function lint(expression: string): Promise<string[]> {
  const text = `export function probe(name: string, node: HTMLElement, count: number) {\n  ${expression};\n  return count;\n}\n`;
  const [result] = await eslint.lintText(text, { filePath: 'src/luci/status.ts' });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}
