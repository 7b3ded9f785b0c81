import type { ChangeApplier } from './apply-changes.ts';
import type { WireCommit } from './commit-wire.ts';
import type { Connection } from './database.ts';
import type { EngineState } from './engine-state.ts';
import type { RowAppender, StagedBatch } from './append-rows.ts';
import { faultPoint } from './fault-point.ts';
import type { StringHeap } from './string-heap.ts';
import { CommitStrings } from './string-vector.ts';
import type { Segment } from './stream-state.ts';
import type { StreamRegistry } from './stream-registry.ts';

export interface CommitParts {
  readonly connection: Connection;
  readonly registry: StreamRegistry;
  readonly state: EngineState;
  readonly appender: RowAppender;
  readonly changes: ChangeApplier;
  /** null: string references failed their self-test, values are assigned one by one. */
  readonly heap: StringHeap | null;
  readonly now: () => number;
}

/** Commits epochs in one transaction. After an error nothing of them is stored, and memory is as the tables are. */
export async function commitEpochs(parts: CommitParts, commits: readonly WireCommit[]): Promise<number> {
  const { connection, registry, state, appender, changes, heap } = parts;
  const bySegment = new Map<Segment, StagedBatch[]>();
  const grown = new Map<Segment, number>();
  for (const commit of commits) {
    const strings = new CommitStrings(commit.dictionaries, heap);
    for (const append of commit.appends) {
      const segment = registry.get(append.stream).active as Segment;
      const batches = bySegment.get(segment);
      if (batches === undefined) bySegment.set(segment, [{ append, strings }]);
      else batches.push({ append, strings });
    }
  }
  await connection.sql.run('BEGIN');
  faultPoint('commit_begun');
  try {
    for (const [segment, batches] of bySegment) {
      const { generation, table } = segment;
      if (generation.changing !== null) grown.set(segment, await changes.apply(segment, batches, parts.now()));
      else appender.append({ catalog: null, schema: 'segment', table }, generation, batches);
    }
    faultPoint('commit_appended');
    await state.apply(commits, parts.now());
    faultPoint('commit_before');
    await connection.sql.run('COMMIT');
    faultPoint('commit_after');
  } catch (error) {
    await connection.sql.run('ROLLBACK').catch(() => undefined);
    await state.load();
    throw error;
  } finally {
    heap?.clear();
  }
  let rows = 0;
  for (const [segment, batches] of bySegment) {
    const added = grown.get(segment) ?? batches.reduce((sum, { append }) => sum + append.rows, 0);
    segment.rows += added;
    segment.lastAppendAt = parts.now();
    rows += added;
  }
  return rows;
}
