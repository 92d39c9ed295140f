/** Answers of DNS (RFC 1035), as the LocalAPI's `dns-query` hands them on. */

interface DnsAnswer {
  name: string;
  /** Such as `AAAA`; `TYPE65` for those without a name here. */
  type: string;
  /** Seconds. */
  ttl: number;
  /** As in a zone file; hexadecimal for the types without a name here. */
  data: string;
}

interface DnsMessage {
  /** Such as `NOERROR`, `NXDOMAIN`; the number of one without a name. */
  code: string;
  answers: DnsAnswer[];
}

/** A message, and where in it is read. */
interface Reader {
  bytes: string;
  at: number;
}

const CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
/** Each type's name, and what its data are made of: numbers of 2 and 4 bytes, an address, names, texts; or bytes. */
const TYPES: Record<string, [name: string, layout: string]> = {
  '1': ['A', 'a'],
  '2': ['NS', 'n'],
  '5': ['CNAME', 'n'],
  '6': ['SOA', 'nn44444'],
  '12': ['PTR', 'n'],
  '15': ['MX', '2n'],
  '16': ['TXT', 't'],
  '28': ['AAAA', 'a'],
  '33': ['SRV', '222n']
};
const MOST_ANSWERS = 64;
const LONGEST = 1024;

/** A number of so many bytes. Throws at the message's end. */
function readNumber(from: Reader, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (ord(from.bytes, from.at++) ?? die('DNS'));
  return value;
}

function readBytes(from: Reader, size: number): string {
  if (from.at + size > length(from.bytes)) die('DNS');
  from.at += size;
  return substr(from.bytes, from.at - size, size);
}

/** What is not printable, or means something in a zone file, is written as `\DDD`. */
function escape(text: string, special: string): string {
  let shown = '';
  map(split(text, ''), (one) => {
    let byte = ord(one) as number;
    shown += byte < 32 || byte > 126 || index(special, one) >= 0 ? sprintf('\\%03d', byte) : one;
  });
  return shown;
}

/** Each pointer has to point before the last one, so that none of them makes a circle. */
function readName(from: Reader): string {
  let labels: string[] = [];
  let size = 0;
  let reader = from;
  let before = from.at;
  for (let head = readNumber(reader, 1); head != 0; head = readNumber(reader, 1)) {
    if (head >= 192) {
      let target = (head - 192) * 256 + readNumber(reader, 1);
      if (target >= before) die('DNS');
      before = target;
      reader = { bytes: from.bytes, at: target };
      continue;
    }
    size += head + 1;
    if (head > 63 || size > 254) die('DNS');
    push(labels, escape(readBytes(reader, head), '. \\"'));
  }
  return join('.', labels) || '.';
}

function readField(from: Reader, kind: string, end: number): string | number {
  if (kind == 'n') return readName(from);
  if (int(kind) > 0) return readNumber(from, int(kind));
  if (kind == 't') {
    let texts: string[] = [];
    while (from.at < end) push(texts, `"${escape(readBytes(from, readNumber(from, 1)), '\\"')}"`);
    return join(' ', texts);
  }
  let bytes = readBytes(from, end - from.at);
  if (kind == 'x') return hexenc(bytes);
  return arrtoip(map(split(bytes, ''), (byte) => ord(byte) as number)) ?? die('DNS');
}

function readAnswer(from: Reader): DnsAnswer {
  let name = readName(from);
  let number = readNumber(from, 2);
  let layout = TYPES[`${number}`] ?? [`TYPE${number}`, 'x'];
  readNumber(from, 2);
  let ttl = readNumber(from, 4);
  let end = readNumber(from, 2) + from.at;
  let fields = map(split(layout[1], ''), (kind) => readField(from, kind, end));
  if (from.at != end) die('DNS');
  return { name, type: layout[0], ttl, data: substr(join(' ', fields), 0, LONGEST) };
}

/** An answer in Base64; null for what is none. At most 64 of its records, and 1,024 bytes of each. */
function decodeDns(base64: string): DnsMessage | null {
  let from: Reader = { bytes: b64dec(base64) ?? '', at: 2 };
  try {
    let flags = readNumber(from, 2);
    let questions = readNumber(from, 2);
    let count = readNumber(from, 2);
    readNumber(from, 4);
    if (flags < 32768 || questions > 1) return null;
    if (questions) {
      readName(from);
      readNumber(from, 4);
    }
    let answers: DnsAnswer[] = [];
    for (let i = 0; i < min(count, MOST_ANSWERS); i++) push(answers, readAnswer(from));
    return { code: CODES[flags & 15] ?? `${flags & 15}`, answers };
  } catch {
    return null;
  }
}

export { decodeDns };
export type { DnsAnswer, DnsMessage };
