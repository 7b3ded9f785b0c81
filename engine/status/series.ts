/** `t` is in seconds when `unit` is `s`. Two points a bucket, its least and its greatest, where there is more than was asked for. */
export interface Series {
  readonly value: string;
  /** The series that is shown: column and value, as text. */
  readonly key: readonly (readonly [string, string | null])[];
  readonly unit: 's' | 'ms';
  /** Width of a bucket in seconds; 0: every row as it is. */
  readonly step: number;
  readonly t: readonly number[];
  readonly v: readonly (number | null)[];
  /** Between what each value was expected, and which of them are alarms; absent where the query does not say. */
  readonly band?: {
    readonly lower: readonly (number | null)[];
    readonly upper: readonly (number | null)[];
    readonly alarm: readonly boolean[];
  };
  /** How the last row has it go on; absent where the query does not say, or not of this value, or not at this row. */
  readonly forecast?: {
    readonly t: readonly number[];
    readonly mean: readonly (number | null)[];
    readonly lower: readonly (number | null)[];
    readonly upper: readonly (number | null)[];
  };
  /** What the query holds the value against; absent where it does not. */
  readonly threshold?: {
    readonly value: number;
    /** upper: crossed from below. */
    readonly bound: 'upper' | 'lower';
    /** As the last row has it, `t` being its time with the minutes added. Null: nothing is said, or no crossing is in sight. */
    readonly crossing: { readonly t: number; readonly minutes: number } | null;
    readonly probability: number | null;
  };
  readonly rows: number;
}
