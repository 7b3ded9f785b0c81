import type { Batch } from '../../../connectors/batch.ts';
import { QueryFailure } from '../../compile/query-instance.ts';
import { firstTimelyRow } from '../plan-windows.ts';
import { endOfTime } from '../time/event-time.ts';
import { latest } from '../time/extremes.ts';
import type { Mesh } from '../exchange/mesh.ts';
import type { QueryNode, Upstream } from './query-node.ts';

function arrivalLost(node: QueryNode, view: QueryNode): string {
  return `${node.id} follows the time of arrival, which rows of ${view.id} lose between lanes: run it with --lanes 1`;
}

export interface GraphListener {
  /** Rows of a query, in the order in which they were made. */
  output(node: QueryNode, batch: Batch): void;
  /** The query of this id has failed in this lane. */
  failed(query: string, error: string): void;
  ended(node: QueryNode): void;
}

/** The queries of a lane in dependency order: rows flow down, then watermarks. */
export class QueryGraph {
  readonly nodes: readonly QueryNode[];
  readonly #readers = new Map<string, QueryNode[]>();
  readonly #listener: GraphListener;

  /** `mesh`: the other lanes of the group; null when there are none. */
  constructor(nodes: readonly QueryNode[], sources: readonly Upstream[], listener: GraphListener, mesh: Mesh | null = null) {
    this.nodes = nodes;
    this.#listener = listener;
    const upstreams = new Map<string, Upstream>([...sources, ...(mesh?.inputs ?? [])].map((each) => [each.name, each]));
    for (const node of nodes) {
      for (const table of new Set(node.program.inputs.map((input) => input.table))) {
        if (node.setup.definition.lookups.includes(table)) {
          this.#readers.set(table, [...(this.#readers.get(table) ?? []), node]);
          continue;
        }
        const upstream = upstreams.get(table);
        if (upstream === undefined) throw new Error(`query ${node.id} reads "${table}", which is in no lane with it`);
        node.upstreams.push(node.clock === 'arrival' ? (upstream.byArrival ?? upstream) : upstream);
        const view = nodes.find((each) => each === upstream);
        if (node.clock === 'arrival' && view?.clock === 'event' && view.edges.length > 0) throw new Error(arrivalLost(node, view));
        const edge = (mesh?.inputs as readonly Upstream[] | undefined)?.indexOf(upstream) ?? -1;
        if (view !== undefined) {
          view.downstream.push(node);
          node.edges.push(...view.edges);
          for (const source of view.localSources) node.localSources.add(source);
        } else this.#readers.set(table, [...(this.#readers.get(table) ?? []), node]);
        if (edge >= 0) node.edges.push(edge);
        else if (view === undefined) node.localSources.add(table);
      }
      for (const pace of node.setup.part?.paces ?? []) {
        const index = mesh?.inputs.findIndex((each) => each.name === pace) ?? -1;
        node.upstreams.push(mesh?.inputs[index] as Upstream);
        node.edges.push(index);
      }
      const edge = node.setup.part?.edge ?? null;
      if (edge !== null) node.exchange = mesh?.outputs[edge] ?? null;
      else upstreams.set(node.name, node);
    }
  }

  /** All rows of a table: a lookup table's take the place of those of before; versions come to those that there are. */
  replace(table: string, kind: 'lookup' | 'versioned' | 'stream', batches: readonly Batch[]): void {
    for (const node of this.#readers.get(table) ?? []) {
      if (kind === 'lookup') this.#emit(node, () => node.replace(table, batches));
      else for (const batch of batches) this.#emit(node, () => node.push(table, batch));
    }
  }

  /** Rows of a source, or by an edge. `chosen`: those of them that are for a query, where that is not all. */
  push(source: string, batch: Batch, chosen: (node: QueryNode) => Batch = () => batch): void {
    for (const node of this.#readers.get(source) ?? []) {
      const own = chosen(node);
      if (own.rows > 0) this.#pushInto(node, source, own);
    }
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
      if (node.exchange !== null) {
        node.exchange.send(batch);
        continue;
      }
      for (const reader of node.downstream) this.#pushInto(reader, node.name, batch);
      this.#listener.output(node, batch);
    }
  }

  #fail(node: QueryNode, message: string): void {
    if (node.error !== null) return;
    const parts = this.nodes.filter((each) => each.query === node.query && each.error === null);
    this.failQuery(node.query, message);
    this.#listener.failed(node.query, message);
    for (const part of parts) {
      for (const reader of part.downstream) this.#fail(reader, `its input ${node.query} has failed`);
    }
  }

  /** Ends all parts of a query that has failed elsewhere. */
  failQuery(query: string, message: string): void {
    for (const node of this.nodes) if (node.query === query && node.error === null) node.fail(message);
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

  /** A row of `source` before this event time (microseconds) could fall into a window that is closed somewhere downstream. */
  floor(source: string): bigint | null {
    return latest((this.#readers.get(source) ?? []).map((node) => this.#reached(node)));
  }

  #reached(node: QueryNode): bigint | null {
    if (node.error !== null || node.clock === 'arrival') return null;
    const { eventTimeDelay } = node.setup;
    const below = node.downstream
      .map((reader) => this.#reached(reader))
      .map((time) => (time === null ? null : firstTimelyRow(node.plan, eventTimeDelay, time)));
    // Behind an exchange nobody is further than this lane.
    return latest([node.ended ? null : node.watermark, ...below]);
  }
}
