import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Batch } from '../../connectors/batch.ts';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { type OpenedStore, openStore, type StoreOptions } from '../../engine/store/open-store.ts';
import type { EpochCommit, SqlResult, Store, StreamDefinition } from '../../engine/store/store.ts';

const stores: OpenedStore[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close().catch(() => undefined);
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  folders.push(folder);
  return folder;
}

/** Closed and removed after the test. */
export async function openTestStore(options: Partial<StoreOptions> = {}): Promise<OpenedStore> {
  const store = await openStore({ directory: join(await newFolder(), 'data'), ...options });
  stores.push(store);
  return store;
}

export function column(
  name: string,
  type: DataType | Exclude<DataType['kind'], 'decimal' | 'enum' | 'list' | 'map' | 'struct'>,
): ColumnSpec {
  return { name, type: typeof type === 'string' ? { kind: type } : type, nullable: true };
}

export function stream(name: string, columns: readonly ColumnSpec[], more: Partial<StreamDefinition> = {}): StreamDefinition {
  return { name, columns, eventTime: null, retentionMs: null, hotMs: 3_600_000, ...more };
}

export function epoch(number: number, appends: readonly { stream: string; batch: Batch }[], more: Partial<EpochCommit> = {}): EpochCommit {
  return { lane: 0, epoch: number, appends, partitions: [], ranges: [], queries: [], counters: [], ...more };
}

export function ask(store: Pick<Store, 'query'>, sql: string, rowsMax = 100_000): Promise<SqlResult> {
  return store.query({ sql, rowsMax, timeoutMs: 30_000 });
}

/** Moves closed segments at once, whatever their size and age. */
export const eagerMoves = { segmentRowsMax: 1, moveRowsMin: 1, maintenanceEveryMs: 20, moveRetryMs: 0 } as const;

export async function until(condition: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`nothing happened in ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
