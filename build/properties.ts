import ts from 'typescript';

/**
 * Properties that only the agent knows, in its memory: the build gives them shorter names, a hundredth of the program,
 * compressed. None of these is in what goes over ubus, to tailscaled, into a file or to another program.
 */
export const ownProperties: readonly string[] = [
  'pref',
  'reachable',
  'prefs',
  'check',
  'kind',
  'rest',
  'bits',
  'uptime',
  'login_error',
  'socket',
  'writes',
  'history',
  'head',
  'networks',
  'sample',
  'tried',
  'handle',
  'interfaces',
  'policy',
  'rows',
  'shown',
  'starts',
  'unsent',
  'deadline',
  'devices',
  'have_node_key',
  'inverted',
  'on_data',
  'patch',
  'pieces',
  'watchdog',
  'barrier',
  'before',
  'daemon_since',
  'ended',
  'flash_free_kib',
  'internet',
  'overridden',
  'owners',
  'provision',
  'refused',
  'stream',
  'zones',
  'deferred',
  'expected',
  'forwarding',
  'giveUp',
  'identity_readable',
  'lacks',
  'orders',
  'page_key',
  'take_over'
];

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');

/**
 * Tells what the name of a property becomes, if it is one of `names`. That throws if it is a short one already, or is
 * looked up as a text.
 */
export function propertyShortener(names: readonly string[]): (node: ts.Node) => string | undefined {
  if (names.length > letters.length) throw new Error(`more than ${letters.length} names of properties`);
  const shortNames = new Map(names.map((name, i) => [name, letters[i]]));
  const taken = letters.slice(0, names.length);
  return (node) => {
    const { parent } = node;
    if (ts.isStringLiteral(node) && shortNames.has(node.text)) {
      const looksUp = ts.isElementAccessExpression(parent) || parent.getText().startsWith('exists(');
      if (looksUp) throw new Error(`${parent.getText()}: ${node.text} is no text`);
    }
    if (!ts.isIdentifier(node)) return undefined;
    const isShorthand = ts.isShorthandPropertyAssignment(parent);
    const isName = isShorthand || ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent);
    if (!isName || parent.name !== node) return undefined;
    if (taken.includes(node.text)) throw new Error(`${parent.getText()}: ${node.text} is another property`);
    const short = shortNames.get(node.text);
    return short !== undefined && isShorthand ? `${short}:${node.text}` : short;
  };
}
