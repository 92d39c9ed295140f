/** The modules that a file asks for in the texts that it begins with, and what it calls them. */
export function directives(source: string): [module: string, as: string][] {
  const found: [string, string][] = [];
  for (const [, quote, text = ''] of source.matchAll(/\/\/.*|\/\*[^]*?\*\/|(['"])((?:\\.|(?!\1).)*)\1/g)) {
    if (quote === undefined || /^use\s+strict$/.test(text)) continue;
    const [, module, as] = /^require\s+(\S+)(?:\s+as\s+([A-Za-z_]\S*))?$/.exec(text) ?? [];
    if (module === undefined) break;
    found.push([module, as ?? module.replace(/\W/g, '_')]);
  }
  return found;
}
