/** One value of one series; attributes by OpenTelemetry's names. Counters give the increase since the sample before. */
export interface Sample {
  readonly name: string;
  readonly value: number;
  readonly unit: '1' | 'By' | 's' | '{thread}' | '{cpu}' | '{operation}' | '{error}' | '{process}';
  readonly device?: string;
  readonly mountpoint?: string;
  readonly state?: string;
  readonly direction?: string;
}

/** Part of the machine. What it does not have gives no samples; what cannot be read throws. */
export interface Probe {
  readonly name: string;
  read(): Promise<readonly Sample[]>;
}

/** Turns a counter that only grows into its increase; after a reset (or when first seen) there is none. */
export class Increases {
  #before = new Map<string, number>();
  #now = new Map<string, number>();

  /** Increase of a counter since the round before, or null. */
  of(key: string, total: number): number | null {
    const before = this.#before.get(key);
    this.#now.set(key, total);
    return before === undefined || total < before ? null : total - before;
  }

  /** Ends a round: counters that were not seen in it are forgotten. */
  endRound(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }
}
