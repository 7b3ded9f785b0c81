import { faultPoint } from '../../../connectors/fault-point.ts';
import { endOfTime } from '../time/event-time.ts';
import type { Timing } from '../time/timing.ts';
import type { Intake } from './intake.ts';
import type { LaneGate } from './lane-gate.ts';
import type { QueryGraph } from './query-graph.ts';
import type { QueryNode } from './query-node.ts';
import { type GoneRows, SourceReplay } from './replay.ts';
import type { EngineEvent } from '../runtime-status.ts';

/** Rows that are read again between two looks at messages. */
const breatheRows = 1 << 16;

/**
 * Makes the windows again that were open when the engine stopped: reads the logged stretches of each source, moves watermarks no
 * further than they were committed, and at the end exactly there. What comes out was stored before; the caller throws it away.
 * `gate`: the other lanes of the group, which replay their part; null: there are none.
 */
export async function replayLane(
  intakes: readonly Intake[],
  graph: QueryGraph,
  timing: Timing,
  stopping: () => boolean,
  gate: LaneGate | null,
  tell: (event: Omit<EngineEvent, 'at'>) => void,
): Promise<number> {
  const replays = intakes.map((intake) => ({ intake, replay: new SourceReplay(intake, timing) }));
  for (const { intake, replay } of replays) {
    intake.source.replayWatermark = intake.source.replay.length > 0 ? replay.watermark() : endOfTime;
    intake.source.replayArrival = replay.arrival();
  }
  const limit = (node: QueryNode) => node.setup.watermark;
  const advance = () => graph.advance(limit);
  for (const node of graph.nodes) node.waiting = !node.setup.restored || (node.setup.image === null && node.stateful && !node.setup.open);
  faultPoint('replay_begun');
  let rows = 0;
  for (const { intake, replay } of replays) {
    if (intake.source.replay.length === 0) continue;
    let breathedAt = 0;
    await replay.run(async () => {
      intake.source.replayWatermark = replay.watermark();
      intake.source.replayArrival = replay.arrival();
      advance();
      await gate?.pass(advance, stopping);
      if (replay.rows - breathedAt < breatheRows) return;
      breathedAt = replay.rows;
      await timing.breathe();
      if (stopping()) throw new ReplayStopped();
    });
    intake.source.replayWatermark = endOfTime;
    intake.source.replayArrival = endOfTime;
    rows += replay.rows;
    tellOfGone(intake.source.name, replay.gone, tell);
  }
  const settle = (node: QueryNode) => {
    node.waiting = false;
    const { watermark } = node.setup;
    // Also when it is there already: an operator inside it that does not know what was put out makes it again, to be thrown away.
    if (watermark !== null) graph.advanceNode(node, watermark);
  };
  if (gate === null) for (const node of graph.nodes) settle(node);
  else await gate.align(advance, settle, stopping);
  for (const { intake } of replays) {
    intake.source.replayWatermark = undefined;
    intake.source.replayArrival = undefined;
  }
  faultPoint('replay_ended');
  return rows;
}

/** A compacted topic has lost rows that were read: what is made again of the others is another result than before. */
function tellOfGone(source: string, gone: readonly GoneRows[], tell: (event: Omit<EngineEvent, 'at'>) => void): void {
  for (const partition of new Set(gone.map((each) => each.partition))) {
    const own = gone.filter((each) => each.partition === partition);
    const rows = own.reduce((sum, each) => sum + each.rows, 0);
    const [first, last] = [own[0], own.at(-1)].map((each) => each as GoneRows);
    const where = `between ${JSON.stringify(first?.from)} and ${JSON.stringify(last?.to)}`;
    const text = `${rows} rows of partition ${partition} that open windows and groups held are gone ${where} (compacted?): results that are not final yet are made of what is left`;
    tell({ level: 'warning', kind: 'replay', subject: source, text });
  }
}

/** The engine was told to stop while it replayed: nothing new is to be committed. */
export class ReplayStopped extends Error {}
