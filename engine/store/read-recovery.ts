import { type DataFolder, existingDataFolder } from './data-folder.ts';
import { Database } from './database.ts';
import { EngineState } from './engine-state.ts';
import { storeLimitsDefault } from './limits.ts';
import type { RecoveryState } from './store.ts';
import { checkFormat } from './system-tables.ts';

/** What a restart of a data folder would find; nothing in it changes. Throws StoreError when it cannot be read or an engine has it open. */
export async function readRecovery(directory: string): Promise<RecoveryState> {
  const folder: DataFolder = await existingDataFolder(directory);
  const database = await Database.open(folder, storeLimitsDefault, true);
  try {
    const connection = await database.connect();
    await checkFormat(connection);
    const state = new EngineState(connection, storeLimitsDefault);
    await state.load();
    return state.recovery();
  } finally {
    database.close();
  }
}
