import { readEngineAddress } from '../store/lock-file.ts';
import { readDirectory } from '../store/read-directory.ts';
import { SqlError, type SqlFormat, type SqlRequest, type SqlResult, StoreError } from '../store/store.ts';
import { CommandError, exitCode } from './exit-code.ts';

export interface SqlAccess {
  query(request: SqlRequest): Promise<SqlResult>;
  export(request: SqlRequest, format: SqlFormat): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Through the engine that has the data folder open; straight from the folder when none has. */
export async function openSqlAccess(directory: string): Promise<SqlAccess> {
  try {
    const engine = await readEngineAddress(directory);
    if (engine === null) return await readDirectory(directory);
    if (engine.port !== null) return throughEngine(`http://127.0.0.1:${engine.port}/api/v1/sql`);
    throw new CommandError(
      `${directory} is in use by process ${engine.pid}, which serves no SQL`,
      exitCode.usage,
      'start it with --port, or wait until it ends',
    );
  } catch (error) {
    if (error instanceof StoreError) throw new CommandError(error.message, exitCode.usage, error.hint);
    throw error;
  }
}

function throughEngine(address: string): SqlAccess {
  const post = async ({ sql, rowsMax, timeoutMs }: SqlRequest, format: SqlFormat): Promise<Response> => {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sql, limit: rowsMax, timeoutMs, format }),
    });
    if (response.ok) return response;
    const { error } = (await response.json()) as { error: { text: string; position?: number; hint?: string } };
    throw new SqlError(error.text, error.position, error.hint);
  };
  return {
    query: async (request) => (await (await post(request, 'json')).json()) as SqlResult,
    export: async (request, format) => new Uint8Array(await (await post(request, format)).arrayBuffer()),
    close: async () => {},
  };
}
