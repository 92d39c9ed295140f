/**
 * Binary data as strings. A format is an optional byte order (`@` native, `=` native without padding, `<` little
 * endian, `>` or `!` big endian), then for each value an optional count and a letter: `x` padding, `c` character,
 * `b B` 8, `h H` 16, `i I l L` 32 (native `l L`: a long), `q Q` 64 bits, `?` boolean, `e f d` floating point,
 * `s` text of that size, `p` text with its length before it, `*` the rest; since 25.12 also `X` and `Z`, which are
 * bytes here and hexadecimal digits or base64 there. Capital letters are unsigned.
 *
 * Everything throws for a bad format or a value that does not fit.
 */
declare module 'struct' {
  export interface Struct {
    pack(...values: unknown[]): string;
    unpack(data: string, offset?: number): unknown[] | null;
  }

  /** Bytes with a position. Without an argument `pos()` and `length()` tell, with one they set. */
  export interface Buffer {
    pos(): number;
    pos(position: number): Buffer;
    length(): number;
    /** Cuts off, or adds zeros. */
    length(length: number): Buffer;
    start(): Buffer;
    end(): Buffer;
    put(format: string, ...values: unknown[]): Buffer;
    /** One value, or as text so many bytes after the position, or before it if negative. */
    get(format: string | number): unknown;
    /** All values of the format. */
    read(format: string): unknown[] | null;
    /** Positions below 0 count from the end. */
    slice(from?: number, to?: number): string;
    /** Fills with one byte. */
    set(byte?: number | string, from?: number, to?: number): Buffer;
    /** Takes everything out. */
    pull(): string;
  }

  export function pack(format: string, ...values: unknown[]): string;
  /** null if there is not enough data. */
  export function unpack(format: string, data: string, offset?: number): unknown[] | null;
  /** Reads the format once, for many values. */
  export { make as new };
  function make(format: string): Struct;
  /** With that content, and the position at its start. */
  export function buffer(data?: string): Buffer;
}
