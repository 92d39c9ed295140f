import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findUcodes } from '../support/ucode.ts';

/** types/ucode declares exactly the names that ucode has: its globals, its modules, and what their objects offer. */

const index = fileURLToPath(new URL('../../types/ucode/index.d.ts', import.meta.url));
const names = readFileSync(new URL('../fixtures/ucode/names.uc', import.meta.url), 'utf8');

const program = ts.createProgram([index], { noLib: true, types: [], strict: true });
const checker = program.getTypeChecker();

const ucodes = await findUcodes();
if (ucodes.length === 0) console.log('skipped: the names in types/ucode: there is no OpenWrt root tree');

for (const ucode of ucodes) {
  const test = suite(`types of ucode ${ucode.release}`);

  test('the names are those that are there', () => {
    const { output } = ucode.run(['sh', '-c', 'ubusd -s /tmp/ubus.sock & ucode /mnt/names.uc'], {
      'names.uc': names
    });
    const real = JSON.parse(output) as Record<string, string[]>;
    const declared = Object.fromEntries(
      Object.keys(real).map((place) => [place, namesIn(place, ucode.release)])
    );
    const sorted = Object.fromEntries(Object.entries(real).map(([place, found]) => [place, found.sort()]));
    assert.equal(declared, sorted);
  });

  test.run();
}

/** What is declared in a place (`globals`, a module, an interface in it) for a release. */
function namesIn(place: string, release: string): string[] {
  return symbolsIn(place)
    .filter((symbol) => isIn(symbol, release))
    .map((symbol) => symbol.name)
    .sort();
}

function symbolsIn(place: string): ts.Symbol[] {
  if (place === 'globals') {
    const file = program.getSourceFile(index.replace('index', 'globals'));
    assert.ok(file);
    return checker
      .getSymbolsInScope(file, ts.SymbolFlags.Value)
      .filter((symbol) => symbol.declarations?.some((declaration) => declaration.getSourceFile() === file));
  }
  const [module = '', name] = place.split('.');
  const found = checker.getAmbientModules().find((symbol) => symbol.name === `"${module}"`);
  assert.ok(found, `module ${module}`);
  const exported = checker.getExportsOfModule(found);
  if (name === undefined) return exported.filter((symbol) => target(symbol).flags & ts.SymbolFlags.Value);
  const type = exported.find((symbol) => symbol.name === name);
  assert.ok(type, place);
  return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(type));
}

function target(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** `@since 25.12` stands at what older releases lack. */
function isIn(symbol: ts.Symbol, release: string): boolean {
  const since = symbol.getJsDocTags(checker).find(({ name }) => name === 'since');
  const version = ts.displayPartsToString(since?.text);
  return version === '' || release === 'SNAPSHOT' || Number(version) <= Number(release);
}
