import type { Waiting } from '../connector.ts';
import { deletedTopic, kafkaFailure, type Subject } from './failure.ts';

/** What is over sooner (ms) is not told of: brokers that change places, connections that are made anew. */
const waitingMsMin = 1_000;

export interface Troubles {
  /** Brokers cannot be asked for metadata. */
  readonly unasked: Waiting | null;
  /** Since when the topic is not there. */
  readonly missingSince: number | null;
  /** A partition cannot be fetched. */
  readonly lost: Waiting | null;
}

/** What a source waits for, the deepest cause first; null: nothing, or for too short a time to say so. */
export function waitingFor({ unasked, missingSince, lost }: Troubles, subject: Subject): Waiting | null {
  const missing = missingSince === null ? null : { since: missingSince, reason: deletedTopic(subject).message };
  const unread = lost === null ? null : { since: lost.since, reason: kafkaFailure(subject, lost.reason).message };
  const waiting = unasked ?? missing ?? unread;
  return waiting === null || Date.now() - waiting.since < waitingMsMin ? null : waiting;
}
