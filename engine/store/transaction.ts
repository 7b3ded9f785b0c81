import type { Connection } from './database.ts';

export async function inTransaction(connection: Connection, work: () => Promise<void>): Promise<void> {
  await connection.sql.run('BEGIN');
  try {
    await work();
    await connection.sql.run('COMMIT');
  } catch (error) {
    await connection.sql.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
