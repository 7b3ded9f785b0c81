import type { Batch } from '../../../connectors/batch.ts';
import { QueryFailure } from '../../compile/query-instance.ts';
import { firstTimelyRow } from '../plan-windows.ts';
import { endOfTime } from '../time/event-time.ts';
import { latest } from '../time/extremes.ts';
import type { QueryNode, Upstream } from './query-node.ts';

export interface GraphListener {
  /** Rows of a query, in the order in which they were made. */
  output(node: QueryNode, batch: Batch): void;
  failed(node: QueryNode): void;
  ended(node: QueryNode): void;
}

/** The queries of a lane in dependency order: rows flow down, then watermarks. */
export class QueryGraph {
  readonly nodes: readonly QueryNode[];
  readonly #readers = new Map<string, QueryNode[]>();
  readonly #listener: GraphListener;

  constructor(nodes: readonly QueryNode[], sources: readonly Upstream[], listener: GraphListener) {
    this.nodes = nodes;
    this.#listener = listener;
    const upstreams = new Map<string, Upstream>(sources.map((source) => [source.name, source]));
    for (const node of nodes) {
      for (const table of new Set(node.program.inputs.map((input) => input.table))) {
        const upstream = upstreams.get(table);
        if (upstream === undefined) throw new Error(`query ${node.id} reads "${table}", which is in no lane with it`);
        node.upstreams.push(upstream);
        const view = nodes.find((each) => each === upstream);
        if (view !== undefined) view.downstream.push(node);
        else this.#readers.set(table, [...(this.#readers.get(table) ?? []), node]);
      }
      upstreams.set(node.name, node);
    }
  }

  /** Rows of a source. */
  push(source: string, batch: Batch): void {
    if (batch.rows === 0) return;
    for (const node of this.#readers.get(source) ?? []) this.#pushInto(node, source, batch);
  }

  #pushInto(node: QueryNode, table: string, batch: Batch): void {
    this.#emit(node, () => node.push(table, batch));
  }

  #emit(node: QueryNode, step: () => Batch[]): void {
    if (node.error !== null) return;
    let out: Batch[];
    try {
      out = step();
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      this.#fail(node, `${error.reason}: ${error.message}`);
      return;
    }
    for (const batch of out) {
      for (const reader of node.downstream) this.#pushInto(reader, node.name, batch);
      this.#listener.output(node, batch);
    }
  }

  #fail(node: QueryNode, message: string): void {
    if (node.error !== null) return;
    node.fail(message);
    this.#listener.failed(node);
    for (const reader of node.downstream) this.#fail(reader, `its input ${node.id} has failed`);
  }

  /** Moves every query as far as its inputs allow, at most to `limit(node)` where one is given. */
  advance(limit?: (node: QueryNode) => bigint | null): void {
    for (const node of this.nodes) {
      if (node.error !== null || node.ended) continue;
      let allowed = node.allowedWatermark();
      if (allowed === null) continue;
      const most = limit === undefined ? endOfTime : limit(node);
      if (most === null) continue;
      if (allowed > most) allowed = most;
      if (node.watermark !== null && allowed <= node.watermark) continue;
      this.advanceNode(node, allowed);
    }
  }

  advanceNode(node: QueryNode, watermark: bigint): void {
    this.#emit(node, () => node.advance(watermark));
    if (watermark !== endOfTime || node.error !== null) return;
    node.ended = true;
    this.#listener.ended(node);
  }

  /** A row of `source` before this time (microseconds) could fall into a window that is closed somewhere downstream. */
  floor(source: string): bigint | null {
    return latest((this.#readers.get(source) ?? []).map(reached));
  }
}

function reached(node: QueryNode): bigint | null {
  if (node.error !== null) return null;
  const { definition, eventTimeDelay } = node.setup;
  const below = node.downstream.map(reached).map((time) => (time === null ? null : firstTimelyRow(definition.plan, eventTimeDelay, time)));
  return latest([node.ended ? null : node.watermark, ...below]);
}
