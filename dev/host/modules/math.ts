import { randomInt } from 'node:crypto';
import { toNumber } from '../values.ts';

/** ucode's `math`. */
export const math = {
  abs: one(Math.abs),
  cos: one(Math.cos),
  sin: one(Math.sin),
  exp: one(Math.exp),
  log: one(Math.log),
  sqrt: one(Math.sqrt),
  isnan: (x: unknown) => typeof x === 'number' && Number.isNaN(x),
  atan2: two(Math.atan2),
  pow: two(Math.pow),
  rand: () => randomInt(2 ** 31)
};

function one(f: (x: number) => number): (x: unknown) => number {
  return (x) => f(numeric(x));
}

function two(f: (x: number, y: number) => number): (x: unknown, y: unknown) => number {
  return (x, y) => f(numeric(x), numeric(y));
}

function numeric(x: unknown): number {
  return x === null || x === undefined ? NaN : toNumber(x);
}
