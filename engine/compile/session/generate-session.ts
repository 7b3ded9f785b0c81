import { closeReach, generateReach } from '../reach-log.ts';
import { generatedFunction } from '../text.ts';
import { resumedAt, type SessionState } from './session-state.ts';

/** Buckets of the timer wheel for the length of a gap. */
const bucketsPerGap = 16n;

/** startK, closeK, resumeK, oldestK and sizes. `delay`: how far the sessions' time may lie behind the query's watermark; `back`: how far before a row's time its source rows may lie. */
export function generateSessionControl(
  sessions: SessionState,
  delay: bigint,
  back: bigint,
  extra: { start: string[]; bytes: string },
): void {
  const { module, number, groups, wheel, state, gap, content } = sessions;
  const own = delay === 0n ? 'watermark' : `select<i64>(i64.MAX_VALUE, watermark - ${delay}, watermark == i64.MAX_VALUE)`;
  const grain = gap / bucketsPerGap > 0n ? gap / bucketsPerGap : 1n;
  module.add(
    generatedFunction(`function start${number}(): void`, [
      `${sessions.group('initialiseGroups')}(${groups}, ${sessions.slotBytes});`,
      `${sessions.timer('initialiseWheel')}(${wheel}, ${grain});`,
      `store<i64>(${state}, i64.MIN_VALUE);`,
      `store<i64>(${state}, i64.MIN_VALUE, ${resumedAt});`,
      ...extra.start,
    ]),
  );
  module.add(
    generatedFunction(`function close${number}(watermark: i64): void`, [`store<i64>(${state}, ${own});`, closeReach(module, sessions.log)]),
  );
  generateReach(module, number, sessions.log, back);
  module.add(generatedFunction(`function resume${number}(watermark: i64): void`, [`store<i64>(${state}, ${own}, ${resumedAt});`]));
  module.add(
    generatedFunction(`function oldest${number}(): i64`, [
      'let oldest = i64.MAX_VALUE;',
      ...sessions.each([`oldest = min<i64>(oldest, ${sessions.start('slot')});`]),
      `return oldest == i64.MAX_VALUE ? oldest : oldest - ${back};`,
    ]),
  );
  module.add(generatedFunction(`function stateRows${number}(): f64`, [`return ${sessions.group('groupsLive')}(${groups});`]));
  module.add(
    generatedFunction(`function stateBytes${number}(): f64`, [
      `return ${sessions.group('groupsStateBytes')}(${groups}) + ${sessions.timer('wheelBytesHeld')}(${wheel})${extra.bytes};`,
    ]),
  );
  const marks = content.mark();
  if (marks.length > 0) module.add(generatedFunction(`function mark${number}(): void`, sessions.each(marks)));
}
