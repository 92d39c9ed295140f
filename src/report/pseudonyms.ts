/**
 * Makes a report fit to be shown around: names, owners and addresses become pseudonyms, the same everywhere in one
 * report, and keys go, always.
 */

/** The names that there are. A device or a user may have several. */
interface Names {
  peers: string[][];
  users: string[][];
  /** Of the tailnet: its name and its suffix. */
  tailnets: string[];
}

/** Longer lines are cut: no log has them, and no pattern has to look at them. */
const LONGEST_LINE = 4096;
/** Longer words are no names. */
const LONGEST_WORD = 255;

/** Where in the ranges of private networks and of tailnets the pseudonyms begin. */
const RANGE_STARTS: Record<string, number> = { '100': 64, '172': 16, '192': 168, '198': 18 };

/**
 * A copy of a report (a value of JSON) in which texts, also within lines of a log, are fit to be shown. With
 * `names_shown` only keys and the links of logins are hidden.
 */
function hideNames<T>(report: T, names: Names, names_shown: boolean): T {
  // Compiled once for all words; kept, they would take as much memory as a tenth of the agent.
  /** What a name, an address or a key may be made of, other than what stands around them. */
  const WORD = /[^] !"#$%&'()*,\/;<=>?[\\^`{|}]+/g;
  const TRAILING = /[.:-]+$/;
  const KEY = /(nodekey|discokey|machinekey|mkey|privkey|[nt]lp(riv|ub)|chalpriv|[th]skey)[:-]/i;
  /** Nobody writes such words by hand: hashes, tokens. */
  const LONG_SECRET = /^[A-Za-z0-9_+-]*[0-9][A-Za-z0-9_+-]*$/;
  /** Where a person confirms a login: whoever has the address can. */
  const LOGIN_PATH = /(\/(a|register)\/)[A-Za-z0-9:_-]+/g;
  const IPV4 = /[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+/g;
  /** Those of private networks and of tailnets. */
  const RANGES =
    /^(10|172[.](1[6-9]|2[0-9]|3[01])|192[.]168|100[.](6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))[.]/;
  const IPV6 = /^[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F.:]*$/;
  /** Addresses that everybody has. */
  const COMMON =
    /^(0[.]0[.]0[.]0|127[.].*|255[.].*|100[.]64[.]0[.]0|100[.]100[.]100[.]100|::1?|fd7a:115c:a1e0::(53)?)$/;

  /** How many of each kind there are. */
  let counts: Record<string, number> = {};
  /** By what they stand for: a lower-case word, or an address. */
  let known: Record<string, string> = {};
  /** What each word became: most of them come often. */
  let words: Record<string, string> = {};

  /** The pseudonym of what `name` stands for: made when it is first seen. */
  let pseudonym = (kind: string, name: string, make: (n: number) => string): string =>
    (known[lc(name)] ??= make((counts[kind] = (counts[kind] ?? 0) + 1)));

  let numbered = (kind: string, name: string): string => pseudonym(kind, name, (n) => `${kind}-${n}`);

  /** An address of the same range, in a network of its own, so that routes still make sense. */
  let hideIpv4 = (address: string): string => {
    if (match(address, COMMON)) return address;
    let bytes = split(address, '.');
    let range = match(address, RANGES)?.[0] ?? '198.18';
    let first = split(range, '.')[0] as string;
    let second = RANGE_STARTS[first] ?? 0;
    let network = join('.', slice(bytes, 0, 3));
    let net = pseudonym(first, network, (n) => `${first}.${second + (n >> 8)}.${n & 255}`);
    return `${net}.${bytes[3] as string}`;
  };

  /** The same for IPv6; null if it is no address. */
  let hideIpv6 = (word: string): string | null => {
    if (!match(word, IPV6)) return null;
    if (match(word, COMMON)) return word;
    let bytes = iptoarr(word);
    if (!bytes) return length(word) == 17 ? numbered('mac', word) : null;
    let range = bytes[0] == 254 ? 'fe80' : bytes[0] == 253 && bytes[1] == 122 ? 'fd7a:115c:a1e0' : '2001:db8';
    // However it was written.
    return pseudonym(range, arrtoip(bytes) ?? word, (n) => sprintf('%s::%x', range, n));
  };

  let hideName = (word: string): string => {
    let whole = known[lc(word)];
    if (whole) return whole;
    if (index(word, '@') > 0) return numbered('user', word);
    // One that is not there any more.
    for (let dot = index(word, '.'), rest = word; dot >= 0; dot = index(rest, '.')) {
      rest = substr(rest, dot + 1);
      if (index(rest, '.') > 0 && index(known[lc(rest)] ?? '', 'tailnet-') == 0)
        return numbered('peer', word);
    }
    return word;
  };

  let hideWord = (word: string): string => {
    // No key and no address.
    if (!match(word, /[0-9.:@-]/)) return names_shown ? word : (known[lc(word)] ?? word);
    let key = match(word, KEY);
    if (key) return `${key[1] as string}:${numbered('secret', word)}`;
    if (length(word) > LONGEST_WORD) return '…';
    let end = match(word, TRAILING)?.[0] ?? '';
    let bare = substr(word, 0, length(word) - length(end));
    if (length(bare) >= 32 && match(bare, LONG_SECRET)) return `${numbered('secret', bare)}${end}`;
    if (names_shown) return word;

    let address = hideIpv6(word);
    if (address) return address;
    address = hideIpv6(bare);
    if (address) return `${address}${end}`;
    if (match(word, IPV4)) return replace(word, IPV4, hideIpv4);
    let port = match(bare, /:[0-9]+$/)?.[0] ?? '';
    return `${hideName(substr(bare, 0, length(bare) - length(port)))}${port}${end}`;
  };

  let hideLine = (line: string): string => {
    // A pattern ends at a NUL.
    let short = join(' ', split(line, '\0'));
    if (length(short) > LONGEST_LINE) {
      short = substr(short, 0, LONGEST_LINE);
      short = `${substr(short, 0, max(0, rindex(short, ' ')))} …`;
    }
    short = replace(short, LOGIN_PATH, '$1…');
    return replace(short, WORD, (word) => (words[word] ??= hideWord(word)));
  };

  let hideText = (text: string): string => join('\n', map(split(text, '\n'), hideLine));

  let hideAll: (value: unknown) => unknown;
  hideAll = (value) => {
    if (type(value) == 'string') return hideText(value as string);
    if (type(value) == 'array') return map(value as unknown[], (item) => hideAll(item));
    if (type(value) != 'object') return value;
    let hidden: Record<string, unknown> = {};
    for (let key in value as object) {
      // The names of fields stay, whatever devices are called.
      let shown = match(key, /[.:@-]/) ? hideText(key) : key;
      hidden[shown] = hideAll((value as Record<string, unknown>)[key]);
    }
    return hidden;
  };

  /** `peer-1` for all the names of the first device, word by word and in parts; and so on. */
  let learn = (kind: string, entries: string[][]): void => {
    map(entries, (texts, i) => {
      let text = map(texts, (name) => substr(name, 0, LONGEST_WORD));
      replace(join(' ', split(join(' ', text), '\0')), WORD, (word) => {
        let name = lc(replace(word, TRAILING, ''));
        map([name, split(name, '@')[0], split(name, '.')[0]] as string[], (part) => {
          if (length(part) > 2 && !match(part, /^[0-9]+$/)) known[part] ??= `${kind}-${i + 1}`;
        });
      });
    });
    counts[kind] = length(entries);
  };

  learn(
    'tailnet',
    map(names.tailnets, (name) => [name])
  );
  learn('user', names.users);
  learn('peer', names.peers);
  return hideAll(report) as T;
}

export { hideNames };
export type { Names };
