import type { Desk } from '../router/desk.ts';

/** How a router can be connected to the Internet. */
export const wans = ['plain', 'late', 'none'] as const;

export type Wan = (typeof wans)[number];

export function isWan(name: string): name is Wan {
  return (wans as readonly string[]).includes(name);
}

/** To be called before the router is switched on; returns a line for a person, empty if nothing is special. */
export async function arrangeWan({ surroundings }: Desk, kind: Wan): Promise<string> {
  if (kind === 'plain') return '';
  await surroundings.wan.disconnect();
  if (kind === 'none') return 'It has no Internet.';
  setTimeout(() => void surroundings.wan.connect(), lateSeconds * 1000);
  return `Its Internet comes in ${lateSeconds} s.`;
}

const lateSeconds = 30;
