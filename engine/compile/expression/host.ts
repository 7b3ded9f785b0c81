import { QueryFailure } from '../query-instance.ts';
import { faultMessages } from './fault.ts';
import { askJson } from './host/json.ts';
import type { JsonStep } from './host/json-value.ts';
import { changeCase } from './host/case-mapping.ts';
import { type Moment, parseMoment } from './host/moment-text.ts';
import { doubleText, floatText, type IntegerMode, parseDouble, parseInteger } from './host/number-text.ts';
import { compilePattern, extractGroup, matchesPattern, replaceMatches } from './host/regular-expression.ts';

const moments: readonly Moment[] = ['date', 'timestamp', 'time', 'timestamp_ns'];
const refused = new Float64Array(new BigUint64Array([0x7ff8dead00000000n]).buffer)[0] as number;

/**
 * What kernels import as module `expression`: the rare and the intricate, called once per distinct string where the kernel remembers
 * answers. `memory` gives the instance's memory at the time of the call.
 */
export function expressionImports(memory: () => WebAssembly.Memory): WebAssembly.ModuleImports {
  return new ExpressionHost(memory).imports();
}

class ExpressionHost {
  readonly #memory: () => WebAssembly.Memory;
  readonly #patterns = new Map<string, RegExp>();
  readonly #paths = new Map<string, readonly JsonStep[]>();
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  readonly #segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

  constructor(memory: () => WebAssembly.Memory) {
    this.#memory = memory;
  }

  imports(): WebAssembly.ModuleImports {
    return {
      fail: (code: number) => {
        throw new QueryFailure('overflow', faultMessages[code] ?? (faultMessages[0] as string));
      },
      printDouble: (value: number, out: number) => this.#write(doubleText(value), out, 48),
      printFloat: (value: number, out: number) => this.#write(floatText(value), out, 48),
      parseDouble: (pointer: number, length: number) => parseDouble(this.#text(pointer, length)) ?? refused,
      parseInteger: (pointer: number, length: number, width: number, scale: number, out: number) =>
        this.#writeInteger(this.#text(pointer, length), width, scale, out),
      parseMoment: (pointer: number, length: number, kind: number, out: number) => {
        const moment = parseMoment(this.#text(pointer, length), moments[kind] as Moment);
        if (moment !== null) this.#view().setBigInt64(out, moment, true);
        return moment === null ? 0 : 1;
      },
      changeCase: (pointer: number, length: number, upper: number, out: number, room: number) =>
        this.#write(changeCase(this.#text(pointer, length), upper !== 0), out, room),
      askJson: (text: number, length: number, path: number, pathLength: number, mode: number, out: number, room: number) => {
        const answer = askJson(this.#text(text, length), this.#jsonSteps(path, pathLength), mode);
        if (answer === undefined) return -2;
        if (answer === null) return -1;
        return typeof answer === 'number' ? answer : this.#writeBytes(answer, out, room);
      },
      reverse: (pointer: number, length: number, out: number) => {
        const graphemes = [...this.#segmenter.segment(this.#text(pointer, length))].map(({ segment }) => segment);
        this.#write(graphemes.reverse().join(''), out, length);
      },
      regexpMatches: (text: number, length: number, pattern: number, patternLength: number, options: number, full: number) =>
        matchesPattern(this.#pattern(pattern, patternLength, options), this.#text(text, length), full !== 0) ? 1 : 0,
      regexpExtract: (
        text: number,
        length: number,
        pattern: number,
        patternLength: number,
        options: number,
        group: number,
        out: number,
        room: number,
      ) => this.#write(extractGroup(this.#pattern(pattern, patternLength, options), this.#text(text, length), group), out, room),
      regexpReplace: (
        text: number,
        length: number,
        pattern: number,
        patternLength: number,
        options: number,
        replacement: number,
        replacementLength: number,
        all: number,
        out: number,
        room: number,
      ) => {
        const expression = this.#pattern(pattern, patternLength, options);
        return this.#write(
          replaceMatches(expression, this.#text(text, length), this.#text(replacement, replacementLength), all !== 0),
          out,
          room,
        );
      },
    };
  }

  #view(): DataView {
    return new DataView(this.#memory().buffer);
  }

  #text(pointer: number, length: number): string {
    return this.#decoder.decode(new Uint8Array(this.#memory().buffer, pointer >>> 0, length >>> 0));
  }

  /** Bytes of the text; they are written only if they fit. */
  #write(text: string, out: number, room: number): number {
    return this.#writeBytes(this.#encoder.encode(text), out, room);
  }

  #writeBytes(bytes: Uint8Array, out: number, room: number): number {
    if (bytes.length <= room) new Uint8Array(this.#memory().buffer, out >>> 0, bytes.length).set(bytes);
    return bytes.length;
  }

  #jsonSteps(pointer: number, length: number): readonly JsonStep[] {
    const path = this.#text(pointer, length);
    let steps = this.#paths.get(path);
    if (steps === undefined) {
      steps = JSON.parse(path) as readonly JsonStep[];
      this.#paths.set(path, steps);
    }
    return steps;
  }

  #writeInteger(text: string, width: number, scale: number, out: number): number {
    const mode: IntegerMode = width > 0 ? { width, scale } : width === 0 ? 'signed' : width === -1 ? 'hugeint' : 'unsigned';
    const value = parseInteger(text, mode);
    if (value === null || BigInt.asIntN(128, value) !== value) return 0;
    if (width > 0 && (value < 0n ? -value : value) >= 10n ** BigInt(width)) return 0;
    const view = this.#view();
    view.setBigUint64(out, BigInt.asUintN(64, value), true);
    view.setBigInt64(out + 8, BigInt.asIntN(64, value >> 64n), true);
    return 1;
  }

  /** `options` is a set of bits: 1 ignores case, 2 lets the dot match a line's end. */
  #pattern(pointer: number, length: number, options: number): RegExp {
    const pattern = this.#text(pointer, length);
    const key = `${options}${pattern}`;
    let compiled = this.#patterns.get(key);
    if (compiled === undefined) {
      compiled = compilePattern(pattern, `${(options & 1) !== 0 ? 'i' : ''}${(options & 2) !== 0 ? 's' : ''}`);
      this.#patterns.set(key, compiled);
    }
    return compiled;
  }
}
