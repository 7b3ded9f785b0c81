import { edgeConnector, edgeConnectorName } from '../group/edge-reader.ts';
import { GroupSources } from '../exchange/group-sources.ts';
import { endOfTime } from '../time/event-time.ts';
import { latest } from '../time/extremes.ts';
import type { LaneParts } from './lane-parts.ts';
import type { ApartSetup, LaneMarks, SourceShare } from './protocol.ts';
import type { QueryGraph } from './query-graph.ts';
import type { QueryNode } from './query-node.ts';
import type { SourceRunner } from './source-runner.ts';

/**
 * A lane among those of other processes: what it tells them with each epoch, and what it has heard. A source whose partitions are idle
 * here goes on with the other lanes, as among the lanes of one process.
 */
export class Apart {
  readonly #setup: ApartSetup;
  readonly #shares: GroupSources;
  readonly #heard = new Map<number, number>();
  #own: readonly SourceShare[] = [];
  #sources: readonly SourceRunner[] = [];
  #senders: readonly QueryNode[] = [];
  #told = '';

  constructor(setup: ApartSetup) {
    this.#setup = setup;
    this.#shares = new GroupSources(setup.lanes, (mark) => this.#shares.receive(setup.lane, mark));
  }

  /** Parts that can also read what other lanes send. */
  parts(parts: LaneParts): LaneParts {
    const { lane: own, lanes } = this.#setup;
    const told = (lane: number, epoch: number, sources: readonly SourceShare[]) => {
      if (lane === own || epoch < (this.#heard.get(lane) ?? 0)) return;
      this.#heard.set(lane, epoch);
      for (const share of sources) this.#shares.receive(lane, { ...share, quiet: false });
    };
    const connector: LaneParts['connector'] = (name) =>
      name === edgeConnectorName ? edgeConnector(parts.connector('kafka'), lanes, told) : parts.connector(name);
    return { ...parts, connector };
  }

  attach(sources: readonly SourceRunner[], nodes: readonly QueryNode[]): void {
    this.#sources = sources;
    this.#senders = nodes.filter((node) => this.sends(node));
  }

  /** Its rows are for other lanes, and no result. */
  sends(node: QueryNode): boolean {
    return this.#setup.outputs[node.name] !== undefined;
  }

  /** Goes on with the other lanes where there is nothing to read. True: something is to be told to them. */
  follow(now: number, graph: QueryGraph): boolean {
    for (const source of this.#sources) source.follow(this.#shares, this.#setup.together[source.name] ?? [], now);
    this.#own = this.#sources
      .filter(({ setup }) => setup.follows === true)
      .map(({ name, progress: { watermark, idle } }) => ({ source: name, watermark, idle }));
    graph.advance();
    return this.#text() !== this.#told;
  }

  /** What an epoch that ends now tells. */
  take(): LaneMarks {
    this.#told = this.#text();
    return { edges: this.#senders.map((node) => this.#mark(node)), sources: this.#own };
  }

  #text(): string {
    return `${this.#senders.map((node) => watermarkOf(node)).join()} ${this.#own.map(({ watermark, idle }) => `${watermark}${idle}`).join()}`;
  }

  #mark(node: QueryNode): LaneMarks['edges'][number] {
    const edge = this.#setup.outputs[node.name] as string;
    const read = this.#sources.filter(({ name }) => node.setup.sources.includes(name));
    const last = latest(read.map((source) => source.lastEventTime()));
    // Rows may carry the bounds of windows, which lie beyond those that were read.
    const newest = last === null ? null : last + node.reach;
    return { edge, watermark: watermarkOf(node), newest: newest !== null && newest > endOfTime ? endOfTime : newest };
  }
}

/** A fragment that has failed sends nothing any more: nobody goes on without it. */
function watermarkOf(node: QueryNode): bigint | null {
  return node.error === null ? node.reachedWatermark : null;
}
