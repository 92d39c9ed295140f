import { textTable } from '../text-table.ts';
import type { Heard } from './orders.ts';
import { expected, rows, type PolicyName, type Row } from './table.ts';
import type { Matrix } from './world.ts';

/** What is not as it should be: `lan → peer: tcp4 udp4`. */
export interface Wrong {
  open: string[];
  closed: string[];
}

export function compare(policy: PolicyName, matrix: Matrix): Wrong {
  const wrong: Wrong = { open: [], closed: [] };
  for (const row of rows) {
    const { open, closed } = difference(policy, row, matrix);
    if (open.length > 0) wrong.open.push(`${row.name}: ${open.join(' ')}`);
    if (closed.length > 0) wrong.closed.push(`${row.name}: ${closed.join(' ')}`);
  }
  return wrong;
}

/**
 * Without what is forged by IPv4, and gains nothing by that: as long as there is no way into the tailnet, its addresses
 * may be a provider's, and whoever has one reaches what others at the same place do, and nothing else.
 */
export function withoutIdleForgery(policy: PolicyName, matrix: Matrix): Matrix {
  const seen = { ...matrix };
  for (const { name, forges } of rows)
    if (forges)
      seen[name] = (seen[name] ?? []).filter(
        (way) => way.endsWith('6') || !expected(policy, forges).includes(way)
      );
  return seen;
}

/** What was heard at another time than between these two: `lan → guest 6: 12 times, first after 0.3 s`. */
export function leaks(heard: Heard, began: number, [from, to]: readonly [number, number]): string[] {
  return Object.entries(heard).flatMap(([key, times]) => {
    const outside = times.filter((time) => time < from || time > to);
    const [first] = outside;
    if (first === undefined) return [];
    return [`${key}: ${outside.length} times, first after ${(first - began) / 1000} s`];
  });
}

/** What came of each event, row by row. */
export class Report {
  readonly #columns = new Map<string, Map<string, Set<string>>>();
  readonly #heard = new Map<string, number>();

  add(policy: PolicyName, event: string, matrix: Matrix): void {
    const column = this.#columns.get(event) ?? new Map<string, Set<string>>();
    this.#columns.set(event, column);
    for (const row of rows) {
      const cell = column.get(row.name) ?? new Set();
      column.set(row.name, cell.add(describe(policy, row, matrix)));
    }
  }

  /** How much came through while it happened, and should not have. */
  addHeard(event: string, count: number): void {
    this.#heard.set(event, (this.#heard.get(event) ?? 0) + count);
  }

  /** What was so, as it should be, under the policies that were tried; or what was not: `+tcp4`, `-udp6`. */
  toString(): string {
    const columns = [...this.#columns.values()];
    const cells = rows.map(({ name }) => [
      name,
      ...columns.map((column) => [...(column.get(name) ?? [])].sort().join('/'))
    ]);
    const events = [...this.#columns.keys()];
    const heard = events.map((event) => `${this.#heard.get(event) ?? ''}`);
    const lines = [['', ...events], ...cells, ['came through meanwhile', ...heard]];
    return textTable(lines);
  }
}

function difference(policy: PolicyName, row: Row, matrix: Matrix): Wrong {
  const should = row.ways(policy);
  const is = matrix[row.name] ?? [];
  return {
    open: is.filter((way) => !should.includes(way)),
    closed: should.filter((way) => !is.includes(way))
  };
}

function describe(policy: PolicyName, row: Row, matrix: Matrix): string {
  const { open, closed } = difference(policy, row, matrix);
  const wrong = [...open.map((way) => `+${way}`), ...closed.map((way) => `-${way}`)];
  if (wrong.length > 0) return wrong.join('');
  const should = row.ways(policy);
  if (should.length === 0) return 'no';
  return should.every((way) => way.startsWith('icmp')) ? 'ping' : 'yes';
}
