import type { Diagnostic, QueryError, Span } from '../diagnostic.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A query file's text with its bytes: parsers count in either, people in lines and code points. */
export class SourceText {
  readonly path: string;
  readonly text: string;
  readonly bytes: Uint8Array;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    this.bytes = encoder.encode(text);
  }

  slice(start: number, end: number): string {
    return decoder.decode(this.bytes.subarray(start, end));
  }

  /** Line and column of a byte, both from 1; columns count code points. */
  position(byte: number): { line: number; column: number } {
    const before = this.slice(0, Math.min(byte, this.bytes.length));
    const lineStart = before.lastIndexOf('\n') + 1;
    let line = 1;
    for (let index = 0; index < lineStart; index++) if (before.charCodeAt(index) === 10) line++;
    return { line, column: [...before.slice(lineStart)].length + 1 };
  }

  line(line: number): string {
    return (this.text.split('\n')[line - 1] ?? '').replace(/\r$/, '');
  }

  diagnostic(error: QueryError, fallback: Span, severity: Diagnostic['severity'] = 'error'): Diagnostic {
    const span = error.span ?? fallback;
    const { line, column } = this.position(span.start);
    const sourceLine = this.line(line);
    const firstLine = this.slice(span.start, span.end).split('\n')[0] ?? '';
    const roomLeft = Math.max(1, [...sourceLine].length - column + 1);
    return {
      severity,
      code: error.code,
      message: error.message,
      file: this.path,
      line,
      column,
      length: Math.max(1, Math.min([...firstLine.trimEnd()].length, roomLeft)),
      sourceLine,
      ...(error.note === undefined ? {} : { note: error.note }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
}

/** Byte offset of the code point number `count` of a text. */
export function bytesOfCodePoints(text: string, count: number): number {
  return encoder.encode([...text].slice(0, count).join('')).length;
}
