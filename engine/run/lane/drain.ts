import type { Batch } from '../../../connectors/batch.ts';
import type { QueryInstance } from '../../compile/query-instance.ts';

/** Takes all that an instance has to put out. */
export function drain(instance: QueryInstance, into: Batch[]): void {
  for (let batch = instance.take(); batch !== null; batch = instance.take()) if (batch.rows > 0) into.push(batch);
}
