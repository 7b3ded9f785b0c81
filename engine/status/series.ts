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
  readonly rows: number;
}
