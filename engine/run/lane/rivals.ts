import type { GroupSources } from '../exchange/group-sources.ts';
import { GroupLead } from './group-lead.ts';
import type { QueryNode } from './query-node.ts';
import type { SourceRunner } from './source-runner.ts';

/**
 * Sources that some query reads together. Of those that have rows, one that is ahead in event time waits, so that no window stays open
 * only because two files are read at different speeds. Sources that bring rows as they happen never wait.
 */
export class Rivals {
  readonly #rivals = new Map<SourceRunner, SourceRunner[]>();

  readonly #lead: GroupLead | null;

  /** `shared`: how far the lanes of the group are; absent for a lane alone. */
  constructor(sources: readonly SourceRunner[], nodes: readonly QueryNode[], shared?: GroupSources) {
    for (const source of sources) {
      const together = new Set(nodes.filter((node) => node.setup.sources.includes(source.name)).flatMap((node) => node.setup.sources));
      this.#rivals.set(
        source,
        sources.filter((other) => other !== source && together.has(other.name)),
      );
    }
    this.#lead = shared === undefined ? null : new GroupLead(shared, sources, nodes);
  }

  /** Names of the sources that are read together with it. */
  of(source: SourceRunner): string[] {
    return (this.#rivals.get(source) ?? []).map(({ name }) => name);
  }

  mustWait(source: SourceRunner, ready: ReadonlySet<SourceRunner>): boolean {
    const { watermark } = source.progress;
    if (watermark === null || !source.connector.paced) return false;
    if (this.#lead?.mustWait(source, this.of(source))) return true;
    const rivals = this.#rivals.get(source) ?? [];
    return rivals.some((other) => ready.has(other) && other.progress.watermark !== null && other.progress.watermark < watermark);
  }
}
