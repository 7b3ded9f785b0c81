import type { Cell } from './split-cells.ts';

/** Rows that a step expects: the lines between `----` and the next blank line. */
export interface Expected {
  readonly rows: readonly string[];
  /** Of the first row, from 1; where it would stand when there is none. */
  readonly line: number;
}

/** What a test does, in the order of the file; `line` counts from 1. */
export type TestStep = { readonly line: number } & (
  | {
      readonly kind: 'insert';
      readonly source: string;
      readonly partition: string;
      /** Event time from one value of a series to the next. */
      readonly stepMs: number | null;
      readonly columns: readonly string[];
      readonly rows: readonly { readonly line: number; readonly cells: readonly Cell[] }[];
    }
  | { readonly kind: 'statement'; readonly sql: string; readonly fails: boolean; readonly expected: Expected | null }
  | { readonly kind: 'query'; readonly sql: string; readonly ordered: boolean; readonly expected: Expected }
  | { readonly kind: 'late'; readonly source: string; readonly columns: string; readonly expected: Expected }
  | { readonly kind: 'advance'; readonly time: string }
  | { readonly kind: 'idle'; readonly ms: number }
  | { readonly kind: 'lanes'; readonly count: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'end' }
);

/** Something is wrong with the test itself, or with what it asks of the engine. */
export class TestFault extends Error {
  readonly line: number;
  readonly hint: string | undefined;
  constructor(line: number, message: string, hint?: string) {
    super(message);
    this.name = 'TestFault';
    this.line = line;
    this.hint = hint;
  }
}
