import type { RejectedRow } from '../../../connectors/connector.ts';
import type { EngineEvent } from '../runtime-status.ts';
import type { Timing } from '../time/timing.ts';
import type { SourceRunner } from './source-runner.ts';

/** Late and rejected rows of one source are told of at most this often (ms); counters and tables have them all. */
const reportEveryMs = 60_000;

/** Turns late and rejected rows into events that a person can read, few of them. */
export class RowReports {
  readonly #timing: Timing;
  readonly #tell: (event: Omit<EngineEvent, 'at'>) => void;
  readonly #last = new Map<string, { at: number; unreported: number }>();
  readonly #failed = new Set<string>();

  constructor(timing: Timing, tell: (event: Omit<EngineEvent, 'at'>) => void) {
    this.#timing = timing;
    this.#tell = tell;
  }

  report(source: SourceRunner, late: number, rejected: readonly RejectedRow[]): void {
    const { name, setup } = source;
    if (late > 0) {
      const where = setup.definition.late === 'divert' ? `: see ${name}__late` : ' and were dropped, as late = drop asks';
      this.#count('late', name, late, (rows) => `${rows} rows of ${name} came more than its max_lateness late${where}`);
    }
    const first = rejected[0];
    if (first === undefined) return;
    const field = first.field === null ? '' : `, field ${first.field}`;
    const text = (rows: number) =>
      `${rows} rows of ${name} could not be read, the last at ${first.at}${field}: ${first.reason}; see ${name}__rejected`;
    this.#count('rejected', name, rejected.length, text);
  }

  #count(kind: 'late' | 'rejected', subject: string, rows: number, text: (rows: number) => string): void {
    const key = `${kind} ${subject}`;
    const now = this.#timing.now();
    const last = this.#last.get(key) ?? { at: Number.NEGATIVE_INFINITY, unreported: 0 };
    this.#last.set(key, last);
    last.unreported += rows;
    if (now - last.at < reportEveryMs) return;
    this.#tell({ level: 'warning', kind, subject, text: text(last.unreported) });
    last.at = now;
    last.unreported = 0;
  }

  ended(source: SourceRunner): void {
    const shared = (source.setup.share?.count ?? 0) > 0 ? ` of partitions ${[...source.progress.partitions.keys()].join(', ')}` : '';
    const text = `source ${source.name} has ended after ${source.counters.rows} rows${shared}`;
    this.#tell({ level: 'info', kind: 'source_ended', subject: source.name, text });
  }

  /** Tells once of a source that has failed. */
  failed(source: SourceRunner): void {
    if (source.error === null || this.#failed.has(source.name)) return;
    this.#failed.add(source.name);
    this.#tell({ level: 'error', kind: 'source_failed', subject: source.name, text: `source ${source.name} has failed: ${source.error}` });
  }
}
