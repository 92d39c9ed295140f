import type { AgentError, AgentErrorCode } from '../shared/agent-errors.ts';
import { networkOf } from './network/prefixes.ts';

/** What is right, in its normal form, or what is wrong with it. */
export type Checked<T> = { value: T; error?: never } | { error: AgentError; value?: never };

interface Failed {
  error: AgentError;
}

// A pattern takes seven kilobytes as long as it is kept: these are compiled when they are used.
const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?';
const HOST_NAME = `${LABEL}([.]${LABEL})*`;
const URL =
  '([Hh][Tt][Tt][Pp][Ss]?)://([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?((/[A-Za-z0-9._~%-]+)*)/*';
/** RFC 1918, unique local, or the host itself: whom tailscaled asks without TLS and never with it. */
const PRIVATE = '((10|127|172[.](1[6-9]|2[0-9]|3[01])|192[.]168)[.].*|f[cd][^:][^:]:.*|::1)';

function fail(code: AgentErrorCode, detail: string, corrected?: string): Failed {
  return { error: corrected == null ? { code, detail } : { code, detail, corrected } };
}

/** A value of a type of ucode's, such as `bool`. */
function checkType<T>(value: unknown, wanted: string): Checked<T> {
  return type(value) == wanted ? { value: value as T } : fail('wrong-type', `not ${wanted}`);
}

function checkSwitch(value: unknown): Checked<boolean> {
  return checkType(value, 'bool');
}

/** A whole number from `lowest` to `highest`. */
function checkNumber(value: unknown, lowest: number, highest: number): Checked<number> {
  const number: Checked<number> = checkType(value, 'int');
  if (number.error || (number.value >= lowest && number.value <= highest)) return number;
  return fail('out-of-range', `not ${lowest} to ${highest}`);
}

/** Text whose bytes are counted before anybody looks at them. */
function checkLength(value: unknown, most: number): Checked<string> {
  const text: Checked<string> = checkType(value, 'string');
  if (text.error || length(text.value) <= most) return text;
  return fail('too-long', `more than ${most} bytes`);
}

function matchAll(text: string, pattern: string): Match | null {
  return match(text, regexp(`^${pattern}$`));
}

/** The groups of a pattern for all of it, which admits no control characters, or what is wrong. */
function matchForm(value: unknown, most: number, pattern: string, code: AgentErrorCode): Checked<Match> {
  const text = checkLength(value, most);
  if (text.error) return text;
  // A pattern sees nothing behind a NUL.
  const found = index(text.value, '\x00') < 0 ? matchAll(text.value, pattern) : null;
  return found ? { value: found } : fail(code, 'not of its form');
}

/** A check for such a form. */
function form(most: number, pattern: string, code: AgentErrorCode): (value: unknown) => Checked<string> {
  return (value) => {
    const found = matchForm(value, most, pattern, code);
    return found.error ? found : { value: found.value[0] };
  };
}

/** Whether these are characters in UTF-8, and none of them a control character. */
function isPrintable(text: string): boolean {
  let size: number;
  for (let i = 0; i < length(text); i += size) {
    let point = ord(text, i) as number;
    size = point < 0x80 ? 1 : point < 0xe0 ? 2 : point < 0xf0 ? 3 : 4;
    if (size > 1) point &= 0x7f >> size;
    for (let k = 1; k < size; k++) point = (point << 6) | ((ord(text, i + k) as number) & 0x3f);
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;
    // What is spelled in more bytes than it takes, or with wrong ones, comes out differently.
    if ((point >= 0xd800 && point < 0xe000) || uchr(point) != substr(text, i, size)) return false;
  }
  return true;
}

/** Any characters but control characters, in UTF-8. */
function checkText(value: unknown, most: number): Checked<string> {
  const text = checkLength(value, most);
  if (text.error || isPrintable(text.value)) return text;
  return fail('invalid-text', 'not plain UTF-8');
}

/** A name that a person gives: up to 64 bytes. */
function checkLabel(value: unknown): Checked<string> {
  return checkText(value, 64);
}

/** One or more labels of RFC 1123, together as long as one may be: tailscaled makes one of them. */
const checkHostName = form(63, HOST_NAME, 'not-a-host-name');
const checkDomain = form(253, HOST_NAME, 'not-a-host-name');
/** A name as /etc/passwd may have it. */
const checkUserName = form(32, '[a-z_][a-z0-9_-]*', 'not-a-user-name');
/** `tag:` and a name, as tailcfg.CheckTag wants it. */
const checkTag = form(128, 'tag:[A-Za-z][A-Za-z0-9-]*', 'not-a-tag');
/** Of a node or of a profile. */
const checkId = form(64, '[A-Za-z0-9]+', 'not-an-id');
/** Such as `1.102.5`. */
const checkVersion = form(32, '[0-9]+[.][0-9]+[.][0-9]+', 'not-a-version');
const checkAuthKey = form(1024, '[!-~]+', 'not-an-auth-key');

/** The bytes of an IPv4 or IPv6 address; null for anything else, IPv4 in IPv6's clothes too. */
function addressBytes(text: string): number[] | null {
  const bytes = iptoarr(text);
  return bytes && index(join(' ', bytes), '0 0 0 0 0 0 0 0 0 0 255 255 ') != 0 ? bytes : null;
}

/** Whether a prefix is in fd7a:115c:a1e0:b1a::/64 and not one of IPv4 addresses of a site of 16 bits. */
function isBad4via6(bytes: readonly number[], bits: number): boolean {
  if (index(arrtoip(bytes) as string, 'fd7a:115c:a1e0:b1a:') != 0) return false;
  return bits < 96 || bytes[8] != 0 || bytes[9] != 0;
}

/** An IPv4 or IPv6 prefix such as `192.168.1.0/24`. */
function checkPrefix(value: unknown): Checked<string> {
  const found = matchForm(value, 49, '([0-9A-Fa-f:.]+)/([0-9]{1,3})', 'not-a-prefix');
  if (found.error) return found;
  const bytes = addressBytes(found.value[1] as string);
  const bits = int(found.value[2]);
  if (!bytes || bits > 8 * length(bytes) || isBad4via6(bytes, bits))
    return fail('not-a-prefix', 'neither IPv4 nor IPv6');
  const prefix = networkOf({ bytes, bits });
  if (prefix == `${arrtoip(bytes) as string}/${bits}`) return { value: prefix };
  return fail('host-bits', `bits behind the prefix are set, expected ${prefix}`, prefix);
}

/** The bytes of an IPv4 address, or of an IPv6 address in brackets; null for anything else. */
function hostBytes(host: string): number[] | null {
  const bytes = addressBytes(trim(host, '[]'));
  return bytes && length(bytes) == (ord(host) == ord('[') ? 16 : 4) ? bytes : null;
}

/** An IPv4 or IPv6 address, in its usual form. */
function checkAddress(value: unknown): Checked<string> {
  const found = checkLength(value, 45);
  if (found.error) return found;
  const bytes = addressBytes(found.value);
  return bytes ? { value: arrtoip(bytes) as string } : fail('not-an-address', 'neither IPv4 nor IPv6');
}

/** `:PORT` of a URL or an endpoint. */
function isPort(text: string): boolean {
  const port = int(substr(text, 1));
  return port > 0 && port < 65536;
}

/** `ADDRESS:PORT`, an IPv6 address in brackets. */
function checkEndpoint(value: unknown): Checked<string> {
  const found = matchForm(value, 53, '(\\[[0-9A-Fa-f:.]+\\]|[0-9.]+)(:[0-9]{1,5})', 'not-an-endpoint');
  if (found.error) return found;
  const port = found.value[2] as string;
  const bytes = hostBytes(found.value[1] as string);
  if (!bytes || !isPort(port)) return fail('not-an-endpoint', 'neither IPv4 nor IPv6 with a port');
  const address = arrtoip(bytes) as string;
  return { value: `${length(bytes) == 16 ? `[${address}]` : address}:${int(substr(port, 1))}` };
}

/**
 * The URL of a login server: https, or http if it is `localhost` or has a private address. No user, query or
 * fragment, and no slash at the end.
 */
function checkUrl(value: unknown): Checked<string> {
  const found = matchForm(value, 255, URL, 'not-a-url');
  if (found.error) return found;
  const scheme = lc(found.value[1] as string);
  const host = lc(found.value[2] as string);
  const port = found.value[3] ?? '';
  const bytes = hostBytes(host);
  // What has no letter is meant as an address.
  const known = bytes ?? (match(host, /[a-z]/) && matchAll(host, HOST_NAME));
  if (!known || (port != '' && !isPort(port))) return fail('not-a-url', 'no such host or port');
  if (scheme == 'http' && host != 'localhost' && !(bytes && matchAll(arrtoip(bytes) as string, PRIVATE)))
    return fail('insecure-url', 'http to a public server');
  return { value: `${scheme}://${host}${port}${found.value[4] ?? ''}` };
}

export {
  checkAddress,
  checkAuthKey,
  checkDomain,
  checkEndpoint,
  checkHostName,
  checkId,
  checkLabel,
  checkNumber,
  checkPrefix,
  checkSwitch,
  checkTag,
  checkText,
  checkType,
  checkUrl,
  checkUserName,
  checkVersion,
  fail
};
