/** An option declared once: it validates what the user wrote, and its page in docs/ is generated from it. */
export interface OptionSpec {
  readonly type: 'text' | 'integer' | 'number' | 'boolean' | 'duration' | 'bytes' | 'choice' | 'column';
  /** One sentence; ends with a full stop. */
  readonly description: string;
  readonly required?: boolean;
  /** As the user would write it. */
  readonly default?: string;
  readonly choices?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly example?: string;
  /** Of a source: with another value other rows come, and positions that were stored fit them no longer. */
  readonly identity?: boolean;
}

/** By name; a name may hold dots (`tier.hot`). */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Parsed values: durations in milliseconds, bytes in bytes, booleans and numbers as themselves, the rest as text. */
export type OptionValues = Readonly<Record<string, string | number | boolean | undefined>>;
