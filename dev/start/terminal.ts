/**
 * Lines for a person, below each other; the last one may change in place. Without a terminal nothing changes in
 * place: what would is printed as a line of its own, at most every two seconds.
 */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  #changing = '';
  #printedAt = 0;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  line(text = ''): void {
    if (this.#changing) this.#out.write(clearLine);
    this.#changing = '';
    this.#out.write(`${text}\n`);
  }

  /** Takes the place of what this was called with before, until the next `line`. */
  change(text: string): void {
    if (this.#out.isTTY) {
      if (text === this.#changing) return;
      // One that wraps could not be taken back.
      this.#out.write(`${clearLine}${text.slice(0, this.#out.columns - 1)}`);
      this.#changing = text;
    } else if (Date.now() - this.#printedAt >= 2000) {
      this.#printedAt = Date.now();
      this.#out.write(`${text}\n`);
    }
  }

  /** Does something that takes a while; says so, and if it takes over two seconds, for how long already. */
  async step<T>(text: string, work: () => Promise<T>): Promise<T> {
    const started = Date.now();
    const seconds = () => Math.round((Date.now() - started) / 1000);
    const timer = setInterval(() => {
      if (seconds() >= 2) this.change(`${text} … ${seconds()} s`);
    }, 500);
    try {
      const result = await work();
      this.line(text);
      return result;
    } finally {
      clearInterval(timer);
    }
  }
}

const clearLine = '\r\x1b[K';
