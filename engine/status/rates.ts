import type { RuntimeStatus } from '../run/runtime-status.ts';

const samplesMax = 16;

/** Rows in are steady; results come when windows close, so their rate is taken over longer. */
const spanMs = { in: 3_000, out: 10_000, late: 10_000, cpu: 5_000 } as const;
type Pace = keyof typeof spanMs;

interface Sample {
  readonly at: number;
  readonly sources: ReadonlyMap<string, { readonly rows: number; readonly late: number; readonly rejected: number }>;
  readonly queries: ReadonlyMap<string, Counted>;
  readonly cpuSeconds: number;
}
interface Counted {
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly cpuSeconds: number;
  readonly operators: ReadonlyMap<number, { readonly rowsIn: number; readonly rowsOut: number }>;
}

/** Rates per second out of totals: differences over the last seconds. null until two samples are apart. */
export class Rates {
  readonly #samples: Sample[] = [];

  observe(status: RuntimeStatus): void {
    this.#samples.push(sampleOf(status));
    if (this.#samples.length > samplesMax) this.#samples.shift();
  }

  source(name: string, counter: 'rows' | 'late' | 'rejected'): number | null {
    return this.#rate(counter === 'rows' ? 'in' : 'late', (sample) => sample.sources.get(name)?.[counter]);
  }

  query(id: string, counter: 'rowsIn' | 'rowsOut' | 'cpuSeconds'): number | null {
    const pace = { rowsIn: 'in', rowsOut: 'out', cpuSeconds: 'cpu' } as const;
    return this.#rate(pace[counter], (sample) => sample.queries.get(id)?.[counter]);
  }

  operator(id: string, node: number, counter: 'rowsIn' | 'rowsOut'): number | null {
    return this.#rate(counter === 'rowsIn' ? 'in' : 'out', (sample) => sample.queries.get(id)?.operators.get(node)?.[counter]);
  }

  process(): number | null {
    return this.#rate('cpu', (sample) => sample.cpuSeconds);
  }

  #rate(pace: Pace, read: (sample: Sample) => number | undefined): number | null {
    const newest = this.#samples.at(-1);
    const end = newest && read(newest);
    if (newest === undefined || end === undefined) return null;
    const limit = newest.at - spanMs[pace] - 100;
    const first = this.#samples.find((sample) => sample.at >= limit && read(sample) !== undefined);
    if (first === undefined || newest.at - first.at < 200) return null;
    const start = read(first) as number;
    return Math.max(0, ((end - start) * 1000) / (newest.at - first.at));
  }
}

function sampleOf(status: RuntimeStatus): Sample {
  return {
    at: status.now,
    sources: new Map(Object.entries(status.sources).map(([name, { rows, late, rejected }]) => [name, { rows, late, rejected }])),
    queries: new Map(
      Object.entries(status.queries).map(([id, query]) => [
        id,
        {
          rowsIn: query.rowsIn,
          rowsOut: query.rowsOut,
          cpuSeconds: query.cpuSeconds,
          operators: new Map(query.operators.map(({ node, rowsIn, rowsOut }) => [node, { rowsIn, rowsOut }])),
        },
      ]),
    ),
    cpuSeconds: status.process.cpuSeconds,
  };
}
