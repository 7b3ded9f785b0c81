const framesPerSecondMax = 4;

/** People are looking: a terminal that can move its cursor, not a log file, not CI. */
export function isLive(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI;
}

/**
 * A few lines at the bottom of the terminal that change in place; log lines go above them and stay in the scrollback. One write per
 * frame inside a synchronized update, so that nothing flickers; never the alternate screen.
 */
export class LiveBlock {
  readonly #stream: NodeJS.WriteStream;
  #height = 0;
  #last = '';
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.write('\u001b[?25l');
  }

  draw(lines: readonly string[]): void {
    const now = performance.now();
    const text = lines.map((line) => this.#fit(line)).join('\n');
    if (text === this.#last || now - this.#drawnAt < 1000 / framesPerSecondMax) return;
    this.#write('', text, lines.length);
    this.#drawnAt = now;
  }

  /** A line that stays, above the block. */
  log(line: string): void {
    this.#write(`${line}\u001b[K\n`, this.#last, this.#height);
  }

  /** Removes the block and gives the cursor back. Safe to call twice. */
  close(): void {
    if (this.#height > 0) this.#stream.write(`${this.#home()}\u001b[J`);
    this.#height = 0;
    this.#last = '';
    this.#stream.write('\u001b[?25h');
  }

  #home(): string {
    return this.#height > 1 ? `\r\u001b[${this.#height - 1}A` : '\r';
  }

  #write(above: string, text: string, height: number): void {
    const body = text === '' ? '' : text.split('\n').join('\u001b[K\n');
    this.#stream.write(`\u001b[?2026h${this.#home()}${above}${body}\u001b[K\u001b[J\u001b[?2026l`);
    this.#height = text === '' ? 0 : height;
    this.#last = text;
  }

  /** Cut to the terminal's width, so that a line never wraps and the block's height is what we think. Escapes take no room. */
  #fit(line: string): string {
    const width = (this.#stream.columns ?? 80) - 1;
    let out = '';
    let used = 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour escapes
    for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
      if (part.startsWith('\u001b')) out += part;
      else {
        const room = Math.max(0, width - used);
        const characters = [...part];
        out += characters.slice(0, room).join('');
        used += characters.length;
      }
    }
    return out;
  }
}
