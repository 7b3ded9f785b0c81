import type { Batch } from '../../../connectors/batch.ts';
import type { EdgeSetup } from '../lane/protocol.ts';
import type { QueryGraph } from '../lane/query-graph.ts';
import type { QueryNode } from '../lane/query-node.ts';
import { EpochAgreement } from './epoch-agreement.ts';
import type { EpochBegin, Frame } from './frame.ts';
import { InEdge } from './in-edge.ts';
import { GroupSources } from './group-sources.ts';
import type { Link } from './link.ts';
import { OutEdge } from './out-edge.ts';
import { Peer } from './peer.ts';

/** Rows that do not fill a buffer, and watermarks behind them, wait no longer than this (ms) while there is other work. */
const flushEveryMs = 20;

export interface MeshListener {
  /** Something has come. */
  wake(): void;
  /** A query has failed in another lane. */
  failed(query: string, message: string): void;
}

/**
 * What a lane shares with the other lanes of its group: rows by key, watermarks, and epochs that end everywhere with the same rows.
 * Edges are numbered in the order in which rows flow.
 */
export class Mesh {
  readonly lane: number;
  readonly lanes: number;
  readonly inputs: readonly InEdge[];
  readonly outputs: readonly OutEdge[];
  readonly epochs: EpochAgreement;
  readonly sources: GroupSources;
  readonly #links: readonly (Link | null)[];
  readonly #peers: readonly Peer[];
  readonly #listener: MeshListener;
  readonly #producers: QueryNode[] = [];
  #graph: QueryGraph | null = null;
  #flushedAt = 0;

  /** `links`: by lane; null for this one. */
  constructor(lane: number, links: readonly (Link | null)[], edges: readonly EdgeSetup[], listener: MeshListener) {
    this.lane = lane;
    this.lanes = links.length;
    this.#links = links;
    this.#listener = listener;
    this.epochs = new EpochAgreement(links.length);
    this.sources = new GroupSources(links.length, (mark) => {
      for (const peer of this.#peers) peer.tell(mark);
    });
    this.inputs = edges.map((setup) => new InEdge(setup, links.length));
    this.#peers = links.map(
      (link, to) => new Peer(to, (frame, transfer) => (link === null ? this.#receive(lane, frame) : link.post(frame, transfer))),
    );
    this.outputs = edges.map((setup, index) => new OutEdge(index, setup, lane, links.length, (to, item) => this.#peers[to]?.add(item)));
  }

  /** From now on rows have somewhere to go. */
  attach(graph: QueryGraph): void {
    this.#graph = graph;
    for (const output of this.outputs) this.#producers.push(graph.nodes.find((node) => node.exchange === output) as QueryNode);
    for (const [lane, link] of this.#links.entries()) link?.listen((frame) => this.#receive(lane, frame));
  }

  #receive(lane: number, frame: Frame): void {
    for (const item of frame.items) this.inputs[item.edge]?.receive(lane, item);
    for (const mark of frame.sources) this.sources.receive(lane, mark);
    if (frame.begin !== null) this.epochs.begun(lane, frame.begin);
    if (frame.left) this.epochs.left = true;
    for (const { query, message } of frame.failed) this.#listener.failed(query, message);
    this.#peers[lane]?.acknowledged(frame.taken);
    for (const { edge, buffer } of frame.buffers) this.outputs[edge]?.takeBack(buffer);
    if (lane !== this.lane) this.#listener.wake();
  }

  /** Some lane has not dealt with what it was sent: take no more rows. */
  get full(): boolean {
    return this.#peers.some((peer) => peer.full);
  }

  get waiting(): boolean {
    return this.inputs.some((input) => input.waiting);
  }

  /** Deals with what has come. `advance` moves the queries' watermarks. */
  pump(advance: () => void): boolean {
    const graph = this.#graph;
    let worked = false;
    for (const input of this.inputs) {
      const rows = (batch: Batch) => graph?.push(input.name, batch);
      if (!input.drain(rows, (lane, item) => this.#peers[lane]?.took(item))) continue;
      worked = true;
      advance();
    }
    return worked;
  }

  /** Sends what waits: rows that fill no buffer only when there is nothing else to do, or after a while. */
  flush(all: boolean): void {
    const now = performance.now();
    if (all || now - this.#flushedAt >= flushEveryMs) {
      this.#flushedAt = now;
      for (const index of this.outputs.keys()) this.#flushEdge(index);
    }
    this.#post();
  }

  #post(): void {
    for (const peer of this.#peers) peer.post();
  }

  #flushEdge(index: number): void {
    const node = this.#producers[index] as QueryNode;
    const watermark = node.error === null ? node.reachedWatermark : null;
    this.outputs[index]?.flush({ watermark, last: node.lastInputTime() });
  }

  begin(begin: EpochBegin): void {
    for (const peer of this.#peers) peer.begin(begin);
  }

  /**
   * Goes on with the end of an epoch; true when all that belongs to it is done in this lane. `settle` is called for each query once
   * its inputs are complete.
   */
  align(epoch: number, advance: () => void, settle: (node: QueryNode) => void): boolean {
    const { settled } = this.epochs;
    for (let before = -1; before !== settled.size; ) {
      before = settled.size;
      this.pump(advance);
      for (const node of this.#graph?.nodes ?? []) {
        if (settled.has(node) || !node.edges.every((edge) => this.inputs[edge]?.aligned(epoch))) continue;
        advance();
        settle(node);
        settled.add(node);
        const edge = this.#producers.indexOf(node);
        if (edge < 0) continue;
        this.#flushEdge(edge);
        for (const peer of this.#peers) peer.add({ kind: 'barrier', edge, epoch });
      }
      this.#post();
    }
    return this.epochs.allBegun(epoch) && this.inputs.every((input) => input.aligned(epoch));
  }

  /** What came after the barriers may be dealt with now. */
  release(epoch: number): void {
    this.epochs.released(epoch);
    for (const input of this.inputs) input.release();
  }

  fail(query: string, message: string): void {
    for (const peer of this.#peers) if (peer.lane !== this.lane) peer.fail(query, message);
    this.#post();
  }

  leave(): void {
    for (const peer of this.#peers) if (peer.lane !== this.lane) peer.leave();
  }

  close(): void {
    for (const link of this.#links) link?.close();
  }
}
