import type { DataType } from '../../../connectors/data-type.ts';

/** A number that a function is told, once for all rows. */
export interface LearningParameter {
  readonly name: string;
  /** What an absent one is, as SQL: `2`, `INTERVAL '1 hour'`, `'upper'`; null: it stands third, and is never absent. */
  readonly fallback: string | null;
  /** number: as it is. count: a whole one. interval: microseconds. choice: the number of a word. */
  readonly kind: 'number' | 'count' | 'interval' | 'choice';
  readonly choices?: Readonly<Record<string, number>>;
  readonly least: number;
  readonly most: number;
}

/** A result: an f64 of the model's state, NaN for NULL. */
export interface LearningField {
  readonly name: string;
  readonly type: DataType;
  /** The kernel's constant that says where in the state it lies. */
  readonly at: string;
  /** Of a VARCHAR: what each number means, from 0. Absent: the number is a string's id in the module's table. */
  readonly texts?: readonly string[];
  /** Of a list: the parameter that says how many numbers follow each other at most, or `columns`: one for each; those from the first NaN on are left out. */
  readonly most?: string;
}

/** Columns that one model looks at together. */
export const learningColumnsMax = 64;

/**
 * A function that learns a series as it goes: `name(x, array_agg(x) OVER w, parameter := number ...)`. A kernel of the name
 * `file` has, for `model` Name, openName(parameters f64 ...): usize, stepName(state, value, micros i64), closeName(state) and
 * bytesName(state): u32; of one state for each partition, stepped in the order of the window.
 */
export interface LearningFunction {
  readonly name: string;
  readonly file: string;
  readonly model: string;
  /**
   * What x is, and the kernel's value. number: f64, NaN for NULL. numbers: a list of columns, `[a, b, c]`, or one alone; the address of an f64 of each,
   * and openName is told how many they are first. text: the u32 id of a string, all ones for NULL; markName(state) marks those that are kept.
   */
  readonly values: 'number' | 'numbers' | 'text';
  readonly parameters: readonly LearningParameter[];
  /** One without a name of its own is the function's value; several are the fields of a STRUCT. */
  readonly fields: readonly LearningField[];
}
