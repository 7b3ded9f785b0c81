import type { GroupSources } from '../exchange/group-sources.ts';
import { windowsOf } from '../plan-windows.ts';
import { latest } from '../time/extremes.ts';
import type { QueryNode } from './query-node.ts';
import type { SourceRunner } from './source-runner.ts';

/** Event time (microseconds) that a lane may be ahead of others, however short the windows are. */
const leadMicrosMin = 60_000_000n;

/**
 * How far a lane may be ahead of the other lanes of its group with a source that has all its rows at hand: beyond twice the longest
 * window it waits, so that a replay at full speed holds no more open windows than one lane would. Sources that bring rows as they happen
 * never wait.
 */
export class GroupLead {
  readonly #sources: GroupSources;
  readonly #leads = new Map<SourceRunner, bigint>();

  constructor(shared: GroupSources, sources: readonly SourceRunner[], nodes: readonly QueryNode[]) {
    this.#sources = shared;
    for (const source of sources) {
      const readers = nodes.filter((node) => node.setup.sources.includes(source.name));
      const lengths = readers.flatMap((node) =>
        windowsOf(node.plan).map((window) => ('gapMicros' in window ? window.gapMicros : window.sizeMicros)),
      );
      const lateness = BigInt(Math.ceil(source.setup.definition.maxLatenessMs)) * 1000n;
      this.#leads.set(source, latest([leadMicrosMin, ...[...lengths, lateness].map((length) => 2n * length)]) as bigint);
    }
  }

  /** `together`: sources that are read together with it. */
  mustWait(source: SourceRunner, together: readonly string[]): boolean {
    const { watermark } = source.progress;
    if (watermark === null || source.setup.share === null || !source.connector.paced) return false;
    return this.#sources.behind([source.name, ...together], watermark - (this.#leads.get(source) as bigint));
  }
}
