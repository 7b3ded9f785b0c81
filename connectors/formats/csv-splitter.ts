const newline = 10;
const carriageReturn = 13;

/** Splits one CSV record (RFC 4180, LF or CRLF) into fields without copying. */
export class CsvSplitter {
  fields = 0;
  /** Field i is bytes[starts[i], ends[i]), without its quotes. */
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  /** 0 unquoted, 1 quoted, 2 quoted with doubled quotes inside. */
  quoting = new Uint8Array(64);
  lines = 1;
  fault: string | null = null;
  readonly #delimiter: number;
  readonly #quote: number;

  constructor(delimiter: number, quote: number) {
    this.#delimiter = delimiter;
    this.#quote = quote;
  }

  /** See RecordDecoder.scan. */
  scan(bytes: Uint8Array, start: number, end: number, last: boolean): number {
    const delimiter = this.#delimiter;
    this.fields = 0;
    this.lines = 1;
    this.fault = null;
    let position = start;
    for (;;) {
      let next: number;
      if (position < end && bytes[position] === this.#quote) {
        next = this.#quoted(bytes, position, end, last);
      } else {
        next = position;
        while (next < end && bytes[next] !== delimiter && bytes[next] !== newline) next++;
        if (next === end && !last) return -1;
        const stop = next > position && bytes[next] !== delimiter && bytes[next - 1] === carriageReturn ? next - 1 : next;
        this.#add(position, stop, 0);
      }
      if (next < 0) return -1;
      if (next >= end) return end;
      if (bytes[next] === newline) return next + 1;
      position = next + 1;
    }
  }

  /** Reads the quoted field at `start`: index of the delimiter or line end behind it, -1 when it is not all there. */
  #quoted(bytes: Uint8Array, start: number, end: number, last: boolean): number {
    const quote = this.#quote;
    let position = start + 1;
    let quoting = 1;
    for (; ; position++) {
      if (position >= end) return last ? this.#unclosed(start, end) : -1;
      const byte = bytes[position];
      if (byte === newline) this.lines++;
      if (byte !== quote) continue;
      if (position + 1 >= end && !last) return -1;
      if (position + 1 >= end || bytes[position + 1] !== quote) break;
      quoting = 2;
      position++;
    }
    this.#add(start + 1, position, quoting);
    const after = position + 1;
    if (after >= end) return end;
    const byte = bytes[after];
    if (byte === this.#delimiter || byte === newline) return after;
    if (byte === carriageReturn) {
      if (after + 1 >= end) return last ? end : -1;
      if (bytes[after + 1] === newline) return after + 1;
    }
    this.fault = 'text follows the closing quote of a field';
    const lineEnd = bytes.indexOf(newline, after);
    if (lineEnd >= 0 && lineEnd < end) return lineEnd;
    return last ? end : -1;
  }

  #unclosed(start: number, end: number): number {
    this.#add(start + 1, end, 1);
    this.fault = 'a quote is opened and never closed, so that the rest of the file belongs to this record';
    return end;
  }

  #add(start: number, end: number, quoting: number): void {
    const at = this.fields;
    if (at === this.starts.length) this.#grow();
    this.starts[at] = start;
    this.ends[at] = end;
    this.quoting[at] = quoting;
    this.fields = at + 1;
  }

  #grow(): void {
    const length = this.starts.length * 2;
    const grown = (old: Int32Array<ArrayBuffer>) => {
      const larger = new Int32Array(length);
      larger.set(old);
      return larger;
    };
    this.starts = grown(this.starts);
    this.ends = grown(this.ends);
    const quoting = new Uint8Array(length);
    quoting.set(this.quoting);
    this.quoting = quoting;
  }
}

/** Finds the end of a CSV record that is too long to be held, chunk by chunk. */
export class CsvSkipper {
  lines = 1;
  #state: 'field start' | 'unquoted' | 'quoted' | 'quote in quoted' = 'field start';
  readonly #delimiter: number;
  readonly #quote: number;

  constructor(delimiter: number, quote: number) {
    this.#delimiter = delimiter;
    this.#quote = quote;
  }

  begin(): void {
    this.lines = 1;
    this.#state = 'field start';
  }

  /** Where the next record begins, or -1 when this one does not end before `end`. */
  skip(bytes: Uint8Array, start: number, end: number): number {
    for (let position = start; position < end; position++) {
      const byte = bytes[position];
      if (this.#state === 'quoted') {
        if (byte === newline) this.lines++;
        if (byte === this.#quote) this.#state = 'quote in quoted';
      } else if (byte === this.#quote && this.#state !== 'unquoted') {
        this.#state = 'quoted';
      } else if (byte === newline) {
        return position + 1;
      } else {
        this.#state = byte === this.#delimiter ? 'field start' : 'unquoted';
      }
    }
    return -1;
  }
}
