import { isSoak } from '../soak.ts';
import { events, type Event } from './events.ts';
import { policies, type PolicyName } from './table.ts';

/** What happens under a policy, in this order. */
export interface Chapter {
  policy: PolicyName;
  events: Event[];
}

/** Everything under every policy; or, unless it is a soak, everything once, under policies that a seed decides. */
export function choose(seed: number): Chapter[] {
  const names = (Object.keys(policies) as PolicyName[]).filter((name) => name !== 'logged out');
  const random = generator(seed);
  const under = events.map(() => names[random() % names.length]);
  return names.map((policy) => ({
    policy,
    events: events.filter((_, i) => isSoak || under[i] === policy)
  }));
}

/** So many of them, in their order. */
export function chooseSome<T>(all: readonly T[], seed: number, count: number): T[] {
  const random = generator(seed);
  const left = all.map((_, i) => i);
  while (left.length > count) left.splice(random() % left.length, 1);
  return left.map((i) => all[i] as T);
}

/** Of SEED in the environment, or another one each time. */
export function readSeed(): number {
  return Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6));
}

/** Numbers below 2²⁴: a linear congruential generator, whose high bits are the good ones. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}
