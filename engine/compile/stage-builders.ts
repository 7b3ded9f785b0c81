import { buildAggregateStage } from './build-aggregate-stage.ts';
import { buildChangingStage } from './changing/changing-stage.ts';
import { buildDistinctStage } from './changing/distinct-stage.ts';
import { buildHopStage } from './hop-stage.ts';
import { buildJoinStage } from './join/join-stage.ts';
import { buildOverStage } from './over/over-stage.ts';
import { buildSessionStage } from './session/session-stage.ts';
import type { StageBuilder } from './stage.ts';
import { buildUnnestStage } from './unnest/unnest-stage.ts';
import { buildValuesStage } from './values-stage.ts';

/** session: a session window, or an aggregate whose groups are sessions. Each kind of stage is built in a file of its own. */
export type StageKind = 'aggregate' | 'changing' | 'session' | 'over' | 'join' | 'unnest' | 'hop' | 'distinct' | 'values';

export const stageBuilders: Readonly<Record<StageKind, StageBuilder>> = {
  aggregate: buildAggregateStage,
  changing: buildChangingStage,
  session: buildSessionStage,
  over: buildOverStage,
  join: buildJoinStage,
  unnest: buildUnnestStage,
  hop: buildHopStage,
  distinct: buildDistinctStage,
  values: buildValuesStage,
};
