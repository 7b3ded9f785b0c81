import { endOfTime } from '../time/event-time.ts';
import type { Timing } from '../time/timing.ts';
import type { Intake } from './intake.ts';
import type { QueryGraph } from './query-graph.ts';
import { SourceReplay } from './replay.ts';

/** Rows that are read again between two looks at messages. */
const breatheRows = 1 << 16;

/**
 * Makes the windows again that were open when the engine stopped: reads the logged stretches of each source, moves watermarks no
 * further than they were committed, and at the end exactly there. What comes out was stored before; the caller throws it away.
 */
export async function replayLane(intakes: readonly Intake[], graph: QueryGraph, timing: Timing, stopping: () => boolean): Promise<number> {
  const replays = intakes.map((intake) => ({ intake, replay: new SourceReplay(intake, timing) }));
  for (const { intake, replay } of replays) {
    intake.source.replayWatermark = intake.source.setup.replay.length > 0 ? replay.watermark() : endOfTime;
  }
  const limit = (node: QueryGraph['nodes'][number]) => node.setup.watermark;
  for (const node of graph.nodes) node.waiting = !node.setup.restored;
  let rows = 0;
  for (const { intake, replay } of replays) {
    if (intake.source.setup.replay.length === 0) continue;
    let breathedAt = 0;
    await replay.run(async () => {
      intake.source.replayWatermark = replay.watermark();
      graph.advance(limit);
      if (replay.rows - breathedAt < breatheRows) return;
      breathedAt = replay.rows;
      await timing.breathe();
      if (stopping()) throw new ReplayStopped();
    });
    intake.source.replayWatermark = endOfTime;
    rows += replay.rows;
  }
  for (const node of graph.nodes) {
    node.waiting = false;
    const { watermark } = node.setup;
    if (watermark !== null && (node.watermark === null || node.watermark < watermark)) graph.advanceNode(node, watermark);
  }
  for (const { intake } of replays) intake.source.replayWatermark = undefined;
  return rows;
}

/** The engine was told to stop while it replayed: nothing new is to be committed. */
export class ReplayStopped extends Error {}
