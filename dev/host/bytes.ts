/** ucode's strings are bytes: on the host, each character of a string is one, and 'é' has two. */

/** The bytes of a text, as UTF-8. */
export function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The text that the bytes are, as UTF-8. */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString();
}
