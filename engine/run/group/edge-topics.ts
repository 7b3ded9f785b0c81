import type { GroupClient } from '../../../connectors/kafka/group/group-client.ts';
import { StoreError } from '../../store/store.ts';
import type { EngineEvent } from '../runtime-status.ts';
import type { LaneTransactions } from './lane-transactions.ts';
import type { GroupEdge } from './plan-edges.ts';
import { rowBytesMax } from './result-record.ts';

/** What nobody needs any more is removed at most this often (ms). */
const trimEveryMs = 30_000;

/** Topics by which rows go from lane to lane. Their partition i is read by lane i alone. */
export class EdgeTopics {
  readonly #edges: readonly GroupEdge[];
  readonly #client: Pick<GroupClient, 'deleteRecords'>;
  readonly #tell: (event: Omit<EngineEvent, 'at'>) => void;
  readonly #trimmedAt = new Map<number, number>();
  readonly #trimmed = new Map<string, number>();
  #told = false;

  constructor(edges: readonly GroupEdge[], client: Pick<GroupClient, 'deleteRecords'>, tell: (event: Omit<EngineEvent, 'at'>) => void) {
    this.#edges = edges;
    this.#client = client;
    this.#tell = tell;
  }

  /** Makes those that are not there. Throws ConnectorError or StoreError. */
  static async make(client: GroupClient, group: string, edges: readonly GroupEdge[], lanes: number): Promise<void> {
    const config = {
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'retention.bytes': '-1',
      'max.message.bytes': String(rowBytesMax),
    };
    const make = async ({ topic }: GroupEdge) => {
      const found = await client.ensureTopic({ name: topic, partitions: lanes, config });
      if (found === lanes) return;
      throw new StoreError(
        `topic ${topic} has ${found} partitions, but group ${group} has ${lanes} lanes`,
        'delete the topic: it is made again; rows that are on their way in it are lost',
      );
    };
    await Promise.all(edges.map(make));
  }

  /**
   * Removes what lies before all that a lane needs that goes on from its last commit. Nobody else reads its partitions, and one who
   * was taken over and does not know it yet removes less than the new owner would.
   */
  trim(lane: number, transactions: Pick<LaneTransactions, 'neededFrom'>, now = Date.now()): void {
    if (now - (this.#trimmedAt.get(lane) ?? 0) < trimEveryMs) return;
    this.#trimmedAt.set(lane, now);
    for (const { source, topic } of this.#edges) {
      const needed = transactions.neededFrom(source.name, String(lane));
      const before = needed ?? 0;
      if (before <= (this.#trimmed.get(`${topic}/${lane}`) ?? 0)) continue;
      this.#client.deleteRecords(topic, lane, before).then(
        () => this.#trimmed.set(`${topic}/${lane}`, before),
        (error: Error) => this.#tellOf(topic, error),
      );
    }
  }

  #tellOf(topic: string, error: Error): void {
    if (this.#told) return;
    this.#told = true;
    const text = `topic ${topic} grows, for what nobody needs any more is not removed from it: ${error.message}`;
    this.#tell({ level: 'warning', kind: 'lane', subject: null, text });
  }
}
