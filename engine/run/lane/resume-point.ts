import type { Position } from '../../../connectors/connector.ts';

/**
 * Where a partition stands, finer than its connector's position: `skip` rows after `position` (a paced batch is taken in parts), and
 * `row`, the rows of the partition before it since its beginning. `top` is the largest event time before it in the column's own unit,
 * `arrival` the time (ms) at which the row before it came in, 0 where nobody asks.
 */
export interface ResumePoint {
  readonly position: Position;
  readonly skip: number;
  readonly row: number;
  readonly top: bigint | null;
  readonly arrival: number;
}

/** As the store keeps it, in its opaque position. */
export function storedPosition(point: ResumePoint): Position {
  return {
    at: JSON.stringify(point.position),
    skip: point.skip,
    row: point.row,
    top: point.top === null ? '' : point.top.toString(),
    arrival: point.arrival,
  };
}

export function resumePoint(stored: Position): ResumePoint {
  if (typeof stored !== 'object') throw new TypeError(`not a stored position: ${JSON.stringify(stored)}`);
  const { at, skip, row, top, arrival = 0 } = stored;
  return {
    position: JSON.parse(String(at)) as Position,
    skip: Number(skip),
    row: Number(row),
    top: top === '' || top === undefined ? null : BigInt(top),
    arrival: Number(arrival),
  };
}
