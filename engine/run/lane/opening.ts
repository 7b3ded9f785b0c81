import { ConnectorError, type Waiting } from '../../../connectors/connector.ts';
import type { Wake, Timing } from '../time/timing.ts';
import { ReplayStopped } from './lane-replay.ts';
import type { SourceRunner } from './source-runner.ts';

/** A source whose input is not there is tried again after so long (ms), and less and less often. */
const reopenMsMin = 250;
const reopenMsMax = 5_000;
const lookEveryMs = 250;
/** So many names of unknown fields are told of. */
const unknownFieldsMax = 100;

/** What keeps a source from being opened. */
export class Opening {
  waiting: Waiting | null = null;

  /** False: it cannot be opened at the moment. Throws what will not go by. */
  async attempt(open: () => Promise<void>, now: number): Promise<boolean> {
    try {
      await open();
    } catch (error) {
      if (!(error instanceof ConnectorError) || !error.passing) throw error;
      this.waiting = { since: this.waiting?.since ?? now, reason: error.message };
      return false;
    }
    this.waiting = null;
    return true;
  }
}

/** Those that cannot be opened at the moment. */
export async function openSources(sources: readonly SourceRunner[]): Promise<SourceRunner[]> {
  const unopened: SourceRunner[] = [];
  for (const source of sources) if (!(await source.tryOpen())) unopened.push(source);
  return unopened;
}

export interface OpeningLane {
  readonly timing: Timing;
  readonly wake: Wake;
  readonly stopping: () => boolean;
  /** Called a few times a second. */
  readonly look: (now: number) => void;
}

/** Until all are open: rows to be read again are in each of them, so nothing runs before. Throws ReplayStopped. */
export async function openLater(sources: readonly SourceRunner[], { timing, wake, stopping, look }: OpeningLane): Promise<void> {
  let unopened = sources;
  for (let tries = 0; unopened.length > 0; tries++) {
    const until = timing.now() + Math.min(reopenMsMax, reopenMsMin * 2 ** tries);
    for (let now = timing.now(); now < until; now = timing.now()) {
      if (stopping()) throw new ReplayStopped();
      look(now);
      await wake.sleep(Math.min(lookEveryMs, until - now));
    }
    unopened = await openSources(unopened);
  }
}

/** Most often met first. */
export function mostMet(fields: ReadonlyMap<string | null, number> | undefined): readonly (readonly [string | null, number])[] {
  if (fields === undefined || fields.size === 0) return [];
  return [...fields].sort((a, b) => b[1] - a[1]).slice(0, unknownFieldsMax);
}
