import type { AgentError, AgentErrorCode } from '../shared/agent-errors.ts';
import { mask } from './network/prefixes.ts';

/** What is right, in its normal form, or what is wrong with it. */
export type Checked<T> = { value: T; error?: never } | { error: AgentError; value?: never };

interface Failed {
  error: AgentError;
}

// A literal is compiled each time that it is come by.
const forms = {
  authKey: /^[!-~]+$/,
  endpoint: /^(\[[0-9A-Fa-f:.]+\]|[0-9.]+)(:[0-9]{1,5})$/,
  hostName: /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
  id: /^[A-Za-z0-9]+$/,
  letter: /[a-z]/,
  prefix: /^([0-9A-Fa-f:.]+)\/([0-9]{1,3})$/,
  tag: /^tag:[A-Za-z][A-Za-z0-9-]*$/,
  url: /^(https?):\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?((\/[a-z0-9._~%-]+)*)\/*$/i,
  userName: /^[a-z_][a-z0-9_-]*$/,
  version: /^[0-9]+\.[0-9]+\.[0-9]+$/
};

function fail(code: AgentErrorCode, detail: string, corrected?: string): Failed {
  return { error: corrected == null ? { code, detail } : { code, detail, corrected } };
}

function checkSwitch(value: unknown): Checked<boolean> {
  return type(value) == 'bool' ? { value: value as boolean } : fail('wrong-type', 'not true or false');
}

/** A whole number from `lowest` to `highest`. */
function checkNumber(value: unknown, lowest: number, highest: number): Checked<number> {
  if (type(value) != 'int') return fail('wrong-type', 'not a whole number');
  const number = value as number;
  if (number < lowest || number > highest) return fail('out-of-range', `not ${lowest} to ${highest}`);
  return { value: number };
}

/** Text whose bytes are counted before anybody looks at them. */
function checkLength(value: unknown, most: number): Checked<string> {
  if (type(value) != 'string') return fail('wrong-type', 'not text');
  if (length(value as string) > most) return fail('too-long', `more than ${most} bytes`);
  return { value: value as string };
}

/** The groups of a pattern that admits no control characters, or what is wrong. */
function matchForm(value: unknown, most: number, pattern: RegExp, code: AgentErrorCode): Checked<Match> {
  const text = checkLength(value, most);
  if (text.error) return text;
  // A pattern sees nothing behind a NUL.
  const found = index(text.value, '\x00') < 0 ? match(text.value, pattern) : null;
  return found ? { value: found } : fail(code, 'not of the form that it has to have');
}

function checkForm(value: unknown, most: number, pattern: RegExp, code: AgentErrorCode): Checked<string> {
  const found = matchForm(value, most, pattern, code);
  return found.error ? found : { value: found.value[0] };
}

/** Whether these are characters in UTF-8, and none of them a control character. */
function isPrintable(text: string): boolean {
  let i = 0;
  while (i < length(text)) {
    const first = ord(text, i) ?? 0;
    const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    let point = size == 1 ? first : first & (0xff >> (size + 1));
    for (let k = 1; k < size; k++) point = (point << 6) | ((ord(text, i + k) ?? 0) & 0x3f);
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;
    if ((point >= 0xd800 && point < 0xe000) || point > 0x10ffff) return false;
    // What is spelled in more bytes than it takes, or with wrong ones, comes out differently.
    if (uchr(point) != substr(text, i, size)) return false;
    i += size;
  }
  return true;
}

/** Any characters but control characters, in UTF-8. */
function checkText(value: unknown, most: number): Checked<string> {
  const text = checkLength(value, most);
  if (text.error || isPrintable(text.value)) return text;
  return fail('invalid-text', 'control characters, or not UTF-8');
}

/** A name that a person gives: up to 64 bytes. */
function checkLabel(value: unknown): Checked<string> {
  return checkText(value, 64);
}

/** One or more labels of RFC 1123, together as long as one may be: tailscaled makes one of them. */
function checkHostName(value: unknown): Checked<string> {
  return checkForm(value, 63, forms.hostName, 'not-a-host-name');
}

/** A name as /etc/passwd may have it. */
function checkUserName(value: unknown): Checked<string> {
  return checkForm(value, 32, forms.userName, 'not-a-user-name');
}

/** `tag:` and a name, as tailcfg.CheckTag wants it. */
function checkTag(value: unknown): Checked<string> {
  return checkForm(value, 128, forms.tag, 'not-a-tag');
}

/** Of a node or of a profile. */
function checkId(value: unknown): Checked<string> {
  return checkForm(value, 64, forms.id, 'not-an-id');
}

/** Such as `1.102.5`. */
function checkVersion(value: unknown): Checked<string> {
  return checkForm(value, 32, forms.version, 'not-a-version');
}

function checkAuthKey(value: unknown): Checked<string> {
  return checkForm(value, 1024, forms.authKey, 'not-an-auth-key');
}

function startsWith(bytes: readonly number[], first: string): boolean {
  return index(join(' ', bytes), first) == 0;
}

/** The bytes of an IPv4 or IPv6 address; null for anything else, IPv4 in IPv6's clothes too. */
function addressBytes(text: string): number[] | null {
  const bytes = iptoarr(text);
  return bytes && !startsWith(bytes, '0 0 0 0 0 0 0 0 0 0 255 255 ') ? bytes : null;
}

/** Whether a prefix is in fd7a:115c:a1e0:b1a::/64 and not one of IPv4 addresses of a site of 16 bits. */
function isBad4via6(bytes: readonly number[], bits: number): boolean {
  if (!startsWith(bytes, '253 122 17 92 161 224 11 26 ')) return false;
  return bits < 96 || bytes[8] != 0 || bytes[9] != 0;
}

/** An IPv4 or IPv6 prefix such as `192.168.1.0/24`. */
function checkPrefix(value: unknown): Checked<string> {
  const found = matchForm(value, 49, forms.prefix, 'not-a-prefix');
  if (found.error) return found;
  const bytes = addressBytes(found.value[1] ?? '');
  const bits = int(found.value[2]);
  if (!bytes || bits > 8 * length(bytes)) return fail('not-a-prefix', 'neither IPv4 nor IPv6');
  if (isBad4via6(bytes, bits)) return fail('not-a-prefix', 'in the range of 4via6, but not of that form');
  const masked = mask(bytes, bits);
  const prefix = `${arrtoip(masked) ?? ''}/${bits}`;
  if (join(' ', masked) == join(' ', bytes)) return { value: prefix };
  return fail('host-bits', `bits behind the prefix are set, expected ${prefix}`, prefix);
}

/** The bytes of an IPv4 address, or of an IPv6 address in brackets; null for anything else. */
function hostBytes(host: string): number[] | null {
  const bytes = addressBytes(trim(host, '[]'));
  return bytes && length(bytes) == (ord(host) == ord('[') ? 16 : 4) ? bytes : null;
}

/** `:PORT` of a URL or an endpoint. */
function isPort(text: string): boolean {
  const port = int(substr(text, 1));
  return port > 0 && port < 65536;
}

/** `ADDRESS:PORT`, an IPv6 address in brackets. */
function checkEndpoint(value: unknown): Checked<string> {
  const found = matchForm(value, 53, forms.endpoint, 'not-an-endpoint');
  if (found.error) return found;
  const host = found.value[1] ?? '';
  const port = found.value[2] ?? '';
  const bytes = hostBytes(host);
  if (!bytes) return fail('not-an-endpoint', 'neither IPv4 nor IPv6 in brackets');
  if (!isPort(port)) return fail('not-an-endpoint', 'not a port from 1 to 65535');
  const address = arrtoip(bytes) ?? '';
  return { value: `${length(bytes) == 16 ? `[${address}]` : address}:${int(substr(port, 1))}` };
}

/** RFC 1918, unique local, or the host itself: whom tailscaled asks without TLS and never with it. */
function isPrivate(bytes: readonly number[]): boolean {
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  if (length(bytes) == 16) return (first & 0xfe) == 0xfc || arrtoip(bytes) == '::1';
  return (
    first == 10 || first == 127 || (first == 172 && (second & 0xf0) == 16) || (first == 192 && second == 168)
  );
}

/**
 * The URL of a login server: https, or http if it is `localhost` or has a private address. No user, query or
 * fragment, and no slash at the end.
 */
function checkUrl(value: unknown): Checked<string> {
  const found = matchForm(value, 255, forms.url, 'not-a-url');
  if (found.error) return found;
  const scheme = lc(found.value[1] ?? '');
  const host = lc(found.value[2] ?? '');
  const port = found.value[3] ?? '';
  const bytes = hostBytes(host);
  // What has no letter is meant as an address.
  if (!bytes && !(match(host, forms.letter) && match(host, forms.hostName)))
    return fail('not-a-url', 'neither an address nor a host name');
  if (port != '' && !isPort(port)) return fail('not-a-url', 'not a port from 1 to 65535');
  if (scheme == 'http' && host != 'localhost' && !(bytes && isPrivate(bytes)))
    return fail('insecure-url', 'http to a server that is not private');
  return { value: `${scheme}://${host}${port}${found.value[4] ?? ''}` };
}

export {
  checkAuthKey,
  checkEndpoint,
  checkHostName,
  checkId,
  checkLabel,
  checkNumber,
  checkPrefix,
  checkSwitch,
  checkTag,
  checkText,
  checkUrl,
  checkUserName,
  checkVersion,
  fail
};
