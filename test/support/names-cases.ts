import { readdir, readFile } from 'node:fs/promises';

/** What a tailnet says of names, of `fixtures/names`. */
export interface NamesCase {
  name: string;
  about: string;
  /** Of `planNames`. */
  arguments: [suffix: string, dns: object, own: string[], wanted: object];
}

const folder = new URL('../fixtures/names/', import.meta.url);

/** What dnsmasq is to be told. */
export function namesGolden(name: string): URL {
  return new URL(`${name}.txt`, folder);
}

export async function readNamesCases(): Promise<NamesCase[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (file) => {
      const { about, suffix, dns, own, wanted } = JSON.parse(
        await readFile(new URL(file, folder), 'utf8')
      ) as { about: string; suffix: string; dns: object; own: string[]; wanted: object };
      return { name: file.replace('.json', ''), about, arguments: [suffix, dns, own, wanted] };
    })
  );
}
