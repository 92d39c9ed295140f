import * as assert from 'uvu/assert';
import { eachSite } from './support/each-site.ts';

/** What our pages rely on in LuCI, with what goes wrong there: the preview's frame does the same. */

const elements: readonly [expression: string, value: unknown][] = [
  // A text that is not in an array is HTML.
  [`E('p', {}, '<b>x</b>').innerHTML`, '<b>x</b>'],
  [`E('p', '<b>x</b>').innerHTML`, '<b>x</b>'],
  [`E('p', {}, ['<b>x</b>', E('i')]).innerHTML`, '&lt;b&gt;x&lt;/b&gt;<i></i>'],
  [`E('p', {}, [null, undefined, 0, false]).textContent`, 'nullundefined0false'],
  [`E('p', {}, (node) => [node.tagName]).textContent`, 'P'],
  [`E('p', {}, null).childNodes.length`, 0],
  // An element is taken for attributes.
  [`E('p', E('b')).outerHTML`, '<p></p>'],
  [`E('p', [E('b')]).outerHTML`, '<p><b></b></p>'],
  [
    `E('p', { title: null, id: undefined, hidden: '', 'data-x': { a: 1 }, tabindex: 0, lang: false }).outerHTML`,
    '<p hidden="" data-x="{&quot;a&quot;:1}" tabindex="0" lang="false"></p>'
  ],
  [`E('<i>x</i><b>y</b>').outerHTML`, '<i>x</i>'],
  [`E([E('b'), E('i')]).childNodes.length`, 2],
  [
    `(() => { const p = E('p', {}, ['a']); L.dom.append(p, ['b']); L.dom.append(p, 'c<i></i>'); return p.innerHTML; })()`,
    'c<i></i>'
  ],
  [`(() => { const p = E('p', {}, ['a']); L.dom.content(p, [E('b')]); return p.innerHTML; })()`, '<b></b>'],
  [
    `(() => { let heard; E('p', { click: (event) => (heard = event.type) }).click(); return heard; })()`,
    'click'
  ],
  [`[L.dom.elem(document), L.dom.elem('p'), L.dom.elem(null)]`, [true, false, false]]
];

const others: readonly [expression: string, value: unknown][] = [
  [`'%d of %s, %.1f|%-4s|%04x|%5d|%%|%h|%q'.format(3.9, 'x', 2.345, 'ab', 255, 7, '<&">', '"')`, formatted()],
  [`'%1024.1mB %mB %m'.format(123456, 1234567, 5)`, '120.6 KiB 1.23 MB 5 '],
  [`'%t'.format(90061)`, '1d 1h 1m 1s'],
  [`'%s and %s'.format('$&', '%s')`, '$& and %s'],
  [`_('Never translated')`, 'Never translated'],
  [`L.url('admin/services', 'x?y', 'z')`, '/cgi-bin/luci/admin/services/z'],
  [`L.resource('a/b.js')`, '/luci-static/resources/a/b.js'],
  [`[L.toArray(' a  b '), L.toArray(null), L.isObject([]), L.isObject(null)]`, [['a', 'b'], [], true, false]],
  [`L.hasViewPermission()`, true],
  [`L.resolveDefault(Promise.reject(new Error('no')), 7)`, 7],
  [`[L.naturalCompare('node-9', 'node-10') < 0, typeof L.env.sessionid]`, [true, 'string']]
];

/** Expressions with the module of this name as `it`. */
const modules: readonly [module: string, expression: string, value: unknown][] = [
  [
    'ui',
    `(it.showModal('<i>t</i>', [E('p', {}, ['x'])]), document.querySelector('.modal').innerHTML)`,
    '<h4><i>t</i></h4><p>x</p>'
  ],
  ['ui', `(it.hideModal(), document.body.classList.contains('modal-overlay-active'))`, false],
  [
    'ui',
    `(() => {
      const note = it.addNotification(null, E('p', {}, ['<x>']), 'warning');
      const said = [note.className, note.innerText.includes('<x>'), note.parentNode.id];
      note.remove();
      return said;
    })()`,
    ['alert-message fade-in warning', true, 'maincontent']
  ],
  [
    'ui',
    `(() => {
      let given;
      const made = it.createHandlerFn({ x: 1 }, function (a, event) { given = [this.x, a, event.type]; }, 'a');
      const button = E('button', { click: made });
      button.click();
      const busy = [button.disabled, button.className];
      return new Promise((resolve) => setTimeout(() => resolve([...busy, button.disabled, given]), 50));
    })()`,
    [true, 'spinning', false, [1, 'a', 'click']]
  ],
  ['ui', `it.createHandlerFn({}, 'missing')`, null],
  [
    'poll',
    `(() => { const f = () => 0; return [it.add(f, 1), it.add(f, 1), it.remove(f), it.remove(f)]; })()`,
    [true, false, true, false]
  ],
  ['rpc', `it.declare({ object: 'tailscale-ram', method: 'status', expect: { daemon: 'x' } })()`, 'x'],
  ['rpc', `it.declare({ object: 'tailscale-ram', method: 'status', expect: { daemon: false } })()`, true],
  ['rpc', `it.declare({ object: 'tailscale-ram', method: 'job', params: ['id'] })('one')`, 2],
  ['rpc', caught('nothing', 'x'), 'RPC call to nothing/x failed with error -32000: Object not found'],
  [
    'rpc',
    caught('system', 'watchdog'),
    'RPC call to system/watchdog failed with error -32002: Access denied'
  ],
  ['baseclass', `new (it.extend({ a: 1, __init__(b) { this.b = b; } }).extend({ c: 3 }))(2).b`, 2],
  ['baseclass', `Object.keys(new (it.extend({ a: 1 }))())`, []],
  ['uqr', `it.renderSVG('https://example.com', { pixelSize: 4 }).startsWith('<svg')`, true]
];

await eachSite('what LuCI offers', (scenario, ground) => {
  scenario('elements, texts, modules do as they should', async () => {
    const { page } = await ground.open('status');
    const wrong: string[] = [];
    const compare = async (expression: string, value: unknown): Promise<void> => {
      const found = await page.evaluate<unknown>(expression).catch(String);
      if (JSON.stringify(found) !== JSON.stringify(value))
        wrong.push(`${expression}: ${JSON.stringify(found)}`);
    };
    for (const [expression, value] of [...elements, ...others]) await compare(expression, value);
    for (const [name, expression, value] of modules)
      await compare(`L.require('${name}').then((it) => ${expression})`, value);
    assert.equal(wrong, []);
  });
});

function formatted(): string {
  return '3 of x, 2.3|ab  |00ff|    7|%|&#60;&#38;&#34;&#62;|&#34;';
}

function caught(object: string, method: string): string {
  return `it.declare({ object: '${object}', method: '${method}' })().catch((error) => error.message.split('\\n')[0])`;
}
