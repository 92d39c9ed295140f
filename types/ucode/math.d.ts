/** Arithmetic. What is no number counts as NaN. */
declare module 'math' {
  export function abs(x: number): number;
  /** Radians from -π to π. */
  export function atan2(y: number, x: number): number;
  /** Of radians. */
  export function cos(x: number): number;
  export function sin(x: number): number;
  export function exp(x: number): number;
  /** The natural logarithm. */
  export function log(x: number): number;
  export function sqrt(x: number): number;
  export function pow(x: number, y: number): number;
  /**
   * A whole number from 0 to at least 32767. Since 25.12, with one or two arguments: a broken number between 0 and
   * `a`, or `a` and `b`; 24.10 ignores them.
   */
  export function rand(a?: number, b?: number): number;
  /** Starts a series of numbers that can be repeated. */
  export function srand(seed: number): null;
  export function isnan(x: number): boolean;
}
