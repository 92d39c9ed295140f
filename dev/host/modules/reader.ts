import { text } from '../values.ts';

/** Reads as ucode's files do: bytes, lines, up to a character, or all. */
export class Reader {
  /** Read, and not asked for yet. */
  #ahead = '';

  /** Whether there is something that was read and not asked for. */
  get isAhead(): boolean {
    return this.#ahead !== '';
  }

  /** `more` returns what comes next; '' if nothing does. */
  read(amount: unknown, more: () => string): string | null {
    if (typeof amount === 'number')
      return this.#upTo((ahead) => (ahead.length < amount ? -1 : amount), more) ?? '';
    if (amount === 'all') return this.#upTo(() => -1, more) ?? '';
    const end = amount === 'line' ? '\n' : text(amount);
    return this.#upTo((ahead) => ahead.indexOf(end) + 1 || -1, more);
  }

  /** Until `end` finds its place, or there is no more; null if that is nothing. */
  #upTo(end: (ahead: string) => number, more: () => string): string | null {
    let at = end(this.#ahead);
    while (at === -1) {
      const piece = more();
      if (piece === '') break;
      this.#ahead += piece;
      at = end(this.#ahead);
    }
    const taken = at === -1 ? this.#ahead : this.#ahead.slice(0, at);
    this.#ahead = this.#ahead.slice(taken.length);
    return taken === '' ? null : taken;
  }
}
