import { generatedFunction, indent } from '../text.ts';
import { dueAt, deadAt, startAt, nextAt, previousAt, type SessionState, slotHeader } from './session-state.ts';

/** Declares the functions that find and change sessions call. */
export function addSessionFunctions(sessions: SessionState): void {
  for (const write of [firstSession, anotherSession, openSession, bridgeSessions, detachSession]) sessions.module.add(write(sessions));
}

function parameters(sessions: SessionState): string {
  const words = sessions.words.map((word) => `${word}: u64`);
  return ['time: i64', 'hash: u32', ...words, ...(sessions.nullable ? ['mark: u32'] : [])].join(', ');
}

function keyArguments(sessions: SessionState): string {
  return ['time', 'hash', ...sessions.words, ...(sessions.nullable ? ['mark'] : [])].join(', ');
}

function markOf(sessions: SessionState): string {
  return sessions.nullable ? 'mark' : '1';
}

/** `firstK(time, key)`: the first session of a key that the table does not hold, unless the table that is being left does. */
function firstSession(sessions: SessionState): string {
  const { number, groups } = sessions;
  return generatedFunction(`export function first${number}(${parameters(sessions)}): usize`, [
    `const old = ${sessions.group('oldEntries')}(${groups});`,
    'if (old != 0) {',
    `  const bits = ${sessions.group('oldBits')}(${groups});`,
    '  const mask = (<usize>4 << bits) - 4;',
    `  let entry = ${sessions.group('groupEntry')}(hash, bits);`,
    '  while (true) {',
    '    const slot = <usize>load<u32>(old + entry);',
    '    if (slot == 0) break;',
    `    const p = slot + ${slotHeader};`,
    `    if (load<u32>(slot) == hash && ${sessions.content.layout.matches(sessions.words, markOf(sessions))}) {`,
    `      ${sessions.group('enterGroup')}(${groups}, slot);`,
    '      return slot;',
    '    }',
    '    entry = (entry + 4) & mask;',
    '  }',
    '}',
    `const slot = ${sessions.group('addGroup')}(${groups}, hash);`,
    `store<u64>(slot, 0, ${nextAt});`,
    `open${number}(slot, ${keyArguments(sessions)});`,
    'return slot;',
  ]);
}

/** `anotherK(head, time, key)`: one more session of a key, second in its list. */
function anotherSession(sessions: SessionState): string {
  const { number, groups } = sessions;
  return generatedFunction(`export function another${number}(head: usize, ${parameters(sessions)}): usize`, [
    `const slot = ${sessions.group('addFollower')}(${groups}, hash);`,
    `const after = ${sessions.next('head')};`,
    `store<u32>(slot, <u32>after, ${nextAt});`,
    `store<u32>(slot, <u32>head, ${previousAt});`,
    `if (after != 0) store<u32>(after, <u32>slot, ${previousAt});`,
    `store<u32>(head, <u32>slot, ${nextAt});`,
    `open${number}(slot, ${keyArguments(sessions)});`,
    'return slot;',
  ]);
}

function openSession(sessions: SessionState): string {
  const { number, content } = sessions;
  return generatedFunction(`function open${number}(slot: usize, ${parameters(sessions)}): void`, [
    `store<i64>(slot, ${sessions.endOf('time')}, ${dueAt});`,
    `store<u32>(slot, 0, ${deadAt});`,
    `store<i64>(slot, time, ${startAt});`,
    `const p = slot + ${slotHeader};`,
    ...content.layout.writeKey(sessions.words, markOf(sessions)),
    ...content.create(),
    `${sessions.timer('armTimer')}(${sessions.wheel}, slot + ${dueAt});`,
  ]);
}

/** `bridgeK(head, slot)`: sessions of the key that have come to touch the one at `slot` go into it, or all into the first. Gives the one that stays. */
function bridgeSessions(sessions: SessionState): string {
  const { number, content } = sessions;
  const near = `${sessions.start('other')} < ${sessions.due('kept')} && ${sessions.start('kept')} < ${sessions.due('other')}`;
  return generatedFunction(`export function bridge${number}(head: usize, slot: usize): usize`, [
    'let kept = slot;',
    'let other = head;',
    'while (other != 0) {',
    `  const following = ${sessions.next('other')};`,
    `  if (other != kept && ${near}) {`,
    '    let gone = other;',
    '    if (other == head) {',
    '      gone = kept;',
    '      kept = head;',
    '    }',
    `    if (${sessions.start('gone')} < ${sessions.start('kept')}) store<i64>(kept, ${sessions.start('gone')}, ${startAt});`,
    `    if (${sessions.due('gone')} > ${sessions.due('kept')}) store<i64>(kept, ${sessions.due('gone')}, ${dueAt});`,
    `    const p = kept + ${slotHeader};`,
    `    const q = gone + ${slotHeader};`,
    ...indent(content.merge(), 2),
    `    detach${number}(gone);`,
    `    store<u32>(gone, 1, ${deadAt});`,
    '    other = head;',
    '    continue;',
    '  }',
    '  other = following;',
    '}',
    'return kept;',
  ]);
}

/** `detachK(slot)`: takes a session that is not the first out of its key's list. */
function detachSession(sessions: SessionState): string {
  return generatedFunction(`function detach${sessions.number}(slot: usize): void`, [
    `const after = ${sessions.next('slot')};`,
    `const before = <usize>load<u32>(slot, ${previousAt});`,
    `store<u32>(before, <u32>after, ${nextAt});`,
    `if (after != 0) store<u32>(after, <u32>before, ${previousAt});`,
  ]);
}
