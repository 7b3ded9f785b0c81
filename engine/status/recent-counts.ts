import type { RuntimeStatus } from '../run/runtime-status.ts';

/** Late and rejected rows are worth a word for so long (ms). */
export const recentMs = 600_000;
const spacingMs = 5_000;

export interface SourceCounts {
  readonly rows: number;
  readonly late: number;
  readonly rejected: number;
}

/** What each source has read, and what of it was late or unreadable, in the last ten minutes of this run. */
export class RecentCounts {
  #marks: { readonly now: number; readonly sources: ReadonlyMap<string, SourceCounts> }[] = [];

  add({ now, sources }: RuntimeStatus): void {
    const newest = this.#marks.at(-1);
    if (newest !== undefined && now - newest.now < spacingMs && newest.sources.size === Object.keys(sources).length) return;
    const counts = Object.entries(sources).map(([name, { rows, late, rejected }]) => [name, { rows, late, rejected }] as const);
    this.#marks.push({ now, sources: new Map(counts) });
    this.#marks = this.#marks.filter((mark) => now - mark.now <= recentMs);
  }

  of(name: string, status: RuntimeStatus): SourceCounts {
    const now = status.sources[name];
    const base = this.#marks.find((mark) => mark.sources.has(name))?.sources.get(name);
    if (now === undefined || base === undefined) return { rows: 0, late: 0, rejected: 0 };
    return { rows: now.rows - base.rows, late: now.late - base.late, rejected: now.rejected - base.rejected };
  }
}
