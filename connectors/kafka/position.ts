import type { Position } from '../connector.ts';

export interface KafkaPosition {
  /** Id of the topic, which another of the same name has not. */
  readonly topic: string;
  readonly offset: number;
  /** Rows of the record at `offset` that were read. */
  readonly row: number;
}

export function kafkaPosition(topic: string, offset: number, row: number): Position {
  return row === 0 ? { topic, offset } : { topic, offset, row };
}

/** Null: it is no position of this connector. */
export function readPosition(position: Position | undefined): KafkaPosition | null {
  if (typeof position !== 'object' || typeof position.topic !== 'string' || typeof position.offset !== 'number') return null;
  return { topic: position.topic, offset: position.offset, row: Number(position.row ?? 0) };
}

/** Whether `at` is `place` or behind it. */
export function reaches(at: Position, place: Position): boolean {
  const [reached, wanted] = [readPosition(at), readPosition(place)];
  if (reached === null || wanted === null || reached.topic !== wanted.topic) return false;
  return reached.offset > wanted.offset || (reached.offset === wanted.offset && reached.row >= wanted.row);
}

/** Offsets at which batches can end: between records. */
export function cutOffsets(positions: readonly Position[] | undefined): readonly number[] {
  const places = (positions ?? []).map((each) => readPosition(each));
  return places.flatMap((place) => (place === null || place.row > 0 ? [] : [place.offset])).sort((a, b) => a - b);
}
