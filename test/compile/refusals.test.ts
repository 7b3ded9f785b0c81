import { describe, expect, it } from 'vitest';
import { compileQuery } from '../../engine/compile/compile-query.ts';
import { QueryError } from '../../engine/diagnostic.ts';
import { defineQuery } from './support/windowed-query.ts';

const definitions = 'ts TIMESTAMP, k BIGINT, d DOUBLE, s VARCHAR, i INTERVAL, l INTEGER[]';

/** What binds but does not run yet: the construct by name, with a place in the file. */
const refused: readonly (readonly [string, string])[] = [
  [
    `SELECT ts, k FROM t UNION ALL VALUES ${Array.from({ length: 1025 }, (_, k) => `(NULL, ${k})`).join(', ')}`,
    'VALUES of 1025 rows (at most 1024) is not supported yet',
  ],
];

describe('what cannot run yet', () => {
  for (const [body, message] of refused) {
    it(message, async () => {
      const error = await compileFault(body);
      expect(error.message).toBe(message);
      expect(error).toBeInstanceOf(QueryError);
      const { span } = error as QueryError;
      expect(span).toBeDefined();
      expect((span?.end ?? 0) > (span?.start ?? 0)).toBe(true);
    });
  }
});

async function compileFault(body: string): Promise<Error> {
  const query = await defineQuery(definitions, body, "q WITH (state_ttl = '1 d')");
  try {
    compileQuery(query);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it compiled');
}
