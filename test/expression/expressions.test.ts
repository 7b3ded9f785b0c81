import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Differential } from './differential.ts';
import { everyTypeTable } from './every-type-table.ts';
import { failing, refused } from './failing-cases.ts';
import { randomExpressions } from './random-expressions.ts';

/** DuckDB and AssemblyScript compute sines and powers with different libraries. */
const relativeError = 1e-12;
const groups = ['logic', 'arithmetic', 'mathematics', 'casts', 'texts', 'patterns', 'moments', 'nested', 'json'];
const seed = Number(process.env.MILLRACE_SEED ?? 1);

let differential: Differential;
beforeAll(async () => {
  differential = await Differential.create(everyTypeTable());
});
afterAll(() => differential.close());

describe('expressions give what DuckDB gives', () => {
  for (const group of groups) {
    it(group, async () => {
      const lines = readFileSync(new URL(`cases/${group}.sql`, import.meta.url), 'utf8').split('\n');
      const expressions = lines.filter((line) => line !== '' && !line.startsWith('--'));
      expect(await differential.compare(expressions, group === 'mathematics' ? relativeError : 0)).toEqual([]);
    });
  }

  it(`at random, seed ${seed}`, async () => {
    expect(await differential.compare(randomExpressions(seed, 150))).toEqual([]);
  });
});

describe('expressions fail where DuckDB fails', () => {
  it.each(failing)('%s', async (expression) => {
    expect(await differential.duckdbFails(expression)).toBe(true);
    expect(await differential.fault(expression)).not.toBeNull();
  });
});

describe('what cannot run is refused by name', () => {
  it.each(refused)('%s', async (expression, message) => {
    expect(await differential.fault(expression)).toContain(message);
  });
});
