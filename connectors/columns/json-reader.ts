import { escapeByte, hexFour, putCodePoint } from './json-escape.ts';

/** Deeper than this, a value is refused, so that hostile input cannot exhaust the stack. */
export const jsonDepthMax = 256;

/** Stands for what is no text. */
const replacementPoint = 0xfffd;

const quote = 34;
const backslash = 92;

/**
 * Walks one JSON text, bytes[position, end), without making objects. Strict (RFC 8259) but for UTF-8, which the caller has checked.
 * The first fault is kept in `fault`; after it the position means nothing. Half of a surrogate pair is no fault, since JSON allows the
 * escape, but no text either: it is told by `halfPair`, which whoever keeps a value clears before and looks at afterwards.
 */
export class JsonReader {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  end = 0;
  fault: string | null = null;
  halfPair = false;
  /** Where inside a nested value the last one that could not be converted stood: `[2].price`. */
  path = '';
  /** The last scalar token, without a string's quotes and with its escapes resolved: token[tokenStart, tokenEnd). */
  token: Uint8Array = this.bytes;
  tokenStart = 0;
  tokenEnd = 0;
  #start = 0;
  #depth = 0;
  #scratch = new Uint8Array(256);

  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.fault = null;
    this.halfPair = false;
    this.path = '';
    this.#start = start;
    this.#depth = 0;
  }

  fail(what: string): false {
    this.fault ??= `bad JSON at byte ${this.position - this.#start + 1}: ${what}`;
    return false;
  }

  /** Skips blanks; the byte there, or -1 at the end. */
  peek(): number {
    const { bytes, end } = this;
    let position = this.position;
    while (position < end) {
      const byte = bytes[position] as number;
      if (byte > 32 || (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9)) {
        this.position = position;
        return byte;
      }
      position++;
    }
    this.position = position;
    return -1;
  }

  /** Steps over `byte`, which must be next. */
  expect(byte: number): boolean {
    if (this.peek() !== byte) return this.fail(`${String.fromCharCode(byte)} expected`);
    this.position++;
    return true;
  }

  /** Goes one level down; false when it is too deep. Undone by `leave`. */
  enter(): boolean {
    this.#depth++;
    return this.#depth <= jsonDepthMax || this.fail(`nested deeper than ${jsonDepthMax} levels`);
  }

  leave(): void {
    this.#depth--;
  }

  /** After an element: true when another follows the comma, false at `close` (stepped over) or at a fault. */
  more(close: number): boolean {
    const byte = this.peek();
    if (byte === close) {
      this.position++;
      return false;
    }
    if (byte !== 44) return this.fail(`, or ${String.fromCharCode(close)} expected`);
    this.position++;
    if (this.peek() === close) return this.fail('a value is missing after the comma');
    return true;
  }

  /** Reads a string, number, true, false or null into `token`. */
  readScalar(): boolean {
    const byte = this.peek();
    if (byte === quote) return this.readString();
    const start = this.position;
    if (byte === 45 || (byte >= 48 && byte <= 57)) {
      if (!this.#skipNumber()) return false;
    } else if (!this.#skipLiteral(byte)) {
      return false;
    }
    this.token = this.bytes;
    this.tokenStart = start;
    this.tokenEnd = this.position;
    return true;
  }

  readString(): boolean {
    if (this.peek() !== quote) return this.fail('a string expected');
    const { bytes, end } = this;
    const start = this.position + 1;
    let position = start;
    while (position < end) {
      const byte = bytes[position] as number;
      if (byte === quote) {
        this.token = bytes;
        this.tokenStart = start;
        this.tokenEnd = position;
        this.position = position + 1;
        return true;
      }
      if (byte === backslash) return this.#readEscaped(start, position);
      if (byte < 32) {
        this.position = position;
        return this.fail('a control character in a string');
      }
      position++;
    }
    this.position = position;
    return this.fail('a string without end');
  }

  #readEscaped(start: number, firstEscape: number): boolean {
    const { bytes, end } = this;
    if (this.#scratch.length < end - start) this.#scratch = new Uint8Array((end - start) * 2);
    const scratch = this.#scratch;
    scratch.set(bytes.subarray(start, firstEscape));
    let length = firstEscape - start;
    let position = firstEscape;
    while (position < end) {
      const byte = bytes[position] as number;
      if (byte === quote) {
        this.token = scratch;
        this.tokenStart = 0;
        this.tokenEnd = length;
        this.position = position + 1;
        return true;
      }
      if (byte < 32) {
        this.position = position;
        return this.fail('a control character in a string');
      }
      if (byte !== backslash) {
        scratch[length++] = byte;
        position++;
        continue;
      }
      this.position = position;
      const code = escapeByte(bytes[position + 1]);
      if (code >= 0) {
        scratch[length++] = code;
        position += 2;
        continue;
      }
      const point = this.#readUnicodeEscape(position);
      if (point < 0) return false;
      position += point > 0xffff ? 12 : 6;
      if (point >= 0xd800 && point <= 0xdfff) {
        this.halfPair = true;
        length = putCodePoint(scratch, length, replacementPoint);
        continue;
      }
      length = putCodePoint(scratch, length, point);
    }
    this.position = position;
    return this.fail('a string without end');
  }

  /** Code point of the escape at `position` (\uXXXX, or a pair of them; half of a pair stays itself), or -1 with a fault. */
  #readUnicodeEscape(position: number): number {
    const { bytes, end } = this;
    const high = bytes[position + 1] === 117 && position + 6 <= end ? hexFour(bytes, position + 2) : -1;
    if (high < 0) {
      this.fail('an unknown escape in a string');
      return -1;
    }
    if (high < 0xd800 || high > 0xdfff) return high;
    const paired = position + 12 <= end && bytes[position + 6] === backslash && bytes[position + 7] === 117;
    const low = paired ? hexFour(bytes, position + 8) : -1;
    return high < 0xdc00 && low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00) : high;
  }

  /** Steps over any value, checking it. */
  skipValue(): boolean {
    const byte = this.peek();
    if (byte !== 123 && byte !== 91) return this.readScalar();
    const object = byte === 123;
    const close = object ? 125 : 93;
    if (!this.enter()) return false;
    this.position++;
    if (this.peek() === close) {
      this.position++;
      this.leave();
      return true;
    }
    do {
      if (object && !(this.readString() && this.expect(58))) return false;
      if (!this.skipValue()) return false;
    } while (this.more(close));
    this.leave();
    return this.fault === null;
  }

  /** True when nothing but blanks follows. */
  atEnd(): boolean {
    return this.peek() === -1 || this.fail('something follows the value');
  }

  #skipLiteral(first: number): boolean {
    const word = first === 116 ? 'true' : first === 102 ? 'false' : first === 110 ? 'null' : '';
    let matches = word.length > 0 && this.position + word.length <= this.end;
    for (let i = 1; matches && i < word.length; i++) matches = this.bytes[this.position + i] === word.charCodeAt(i);
    if (!matches) return this.fail(first === -1 ? 'it ends too early' : 'a value expected');
    this.position += word.length;
    return true;
  }

  #skipNumber(): boolean {
    const { bytes, end } = this;
    let position = this.position;
    if (bytes[position] === 45) position++;
    const first = position;
    while (position < end && isDigit(bytes[position] as number)) position++;
    let wellFormed = position > first && (bytes[first] !== 48 || position === first + 1);
    if (position < end && bytes[position] === 46) {
      const fraction = ++position;
      while (position < end && isDigit(bytes[position] as number)) position++;
      wellFormed &&= position > fraction;
    }
    if (position < end && ((bytes[position] as number) | 32) === 101) {
      position++;
      if (position < end && (bytes[position] === 43 || bytes[position] === 45)) position++;
      const exponent = position;
      while (position < end && isDigit(bytes[position] as number)) position++;
      wellFormed &&= position > exponent;
    }
    if (!wellFormed) return this.fail('a number is malformed');
    this.position = position;
    return true;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}
