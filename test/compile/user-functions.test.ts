import { resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import { functionPagesMax, limitMemory } from '../../engine/compile/user-functions/limit-memory.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import type { Row } from '../oracle/compare-rows.ts';
import { appendRows } from '../oracle/reference-values.ts';
import { buildBatch } from '../store/build-batch.ts';

const folder = resolve(import.meta.dirname, '../../queries/nexmark');
const component = 'udf/strings.wasm';
const table = 'CREATE TABLE t (ts TIMESTAMP NOT NULL, s VARCHAR, c VARCHAR) WITH (connector = rows, event_time = ts);';
const declaration = `CREATE FUNCTION count_char(s VARCHAR, c VARCHAR) RETURNS BIGINT LANGUAGE wasm IMMUTABLE STRICT AS '${component}', 'count_char';`;
const connectors = new Map([['rows', { name: 'rows', options: {} }]]) as never;

async function load(declared: string, body = 'SELECT s, c, count_char(s, c) AS n FROM t WHERE count_char(s, c) < 5 OR s IS NULL') {
  const text = [table, declared, `CREATE MATERIALIZED VIEW v AS ${body};`].join('\n');
  return loadCatalog([{ path: resolve(folder, 'q.sql'), text }], { connectors });
}

describe('functions in WebAssembly', () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());
  const compiled = async (declared: string) => {
    const { catalog, diagnostics } = await load(declared);
    expect(diagnostics).toEqual([]);
    return compiler.compile(catalog.queries[0]!);
  };

  it('are called with the arguments of each row, and give NULL for NULL', async () => {
    const program = await compiled(declaration);
    const instance = await instantiateQuery(program, { memoryBytesMax: 64 << 20 });
    const columns = program.inputs[0]!.columns.map((name) => ({ name, type: { kind: 'varchar' } as const, nullable: true }));
    const cells = [
      ['banana', 'a'],
      ['', 'a'],
      ['aaaaaa', 'aa'],
      [null, 'a'],
      ['x', null],
      ['日本語日', '日'],
      ['aaaaaaaaa', 'a'],
    ];
    instance.push(0, buildBatch(columns, cells));
    const rows: Row[] = [];
    for (let batch = instance.take(); batch !== null; batch = instance.take()) appendRows(batch, rows);
    expect(rows).toEqual([
      ['banana', 'a', '3'],
      ['', 'a', '0'],
      ['aaaaaa', 'aa', '3'],
      [null, 'a', null],
      ['日本語日', '日', '2'],
    ]);
  });

  const refusals: Readonly<Record<string, string>> = {
    [declaration.replace('IMMUTABLE STRICT', 'IMMUTABLE')]: 'function "count_char" must be declared IMMUTABLE STRICT',
    [declaration.replace('c VARCHAR', 'c INTERVAL')]: 'function "count_char" cannot take or give INTERVAL',
  };
  for (const [declared, message] of Object.entries(refusals)) {
    it(`are refused while the files are read: ${message}`, async () => {
      const { diagnostics } = await load(declared);
      expect(diagnostics[0]).toMatchObject({ code: 'E0216', message });
    });
  }

  const faults: Readonly<Record<string, RegExp>> = {
    [declaration.replace("'count_char'", "'count_chars'")]: /exports no function "count-chars"/,
    [declaration.replace('BIGINT', 'INTEGER')]: /exports count-char\(string, string\) -> s64/,
    [declaration.replace('strings.wasm', 'nothing.wasm')]: /nothing\.wasm cannot be read/,
    [declaration.replace('strings.wasm', 'strings.wit')]: /strings\.wit is no WebAssembly component/,
  };
  for (const [declared, message] of Object.entries(faults)) {
    it(`are refused when the query is compiled: ${message.source}`, async () => {
      const { catalog } = await load(declared);
      await expect(compiler.compile(catalog.queries[0]!)).rejects.toMatchObject({ code: 'E0216', message: expect.stringMatching(message) });
    });
  }

  it('have a limited memory of their own', async () => {
    // (module (memory (export "m") 1))
    const module = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 109, 2, 0);
    const instance = await WebAssembly.instantiate(await WebAssembly.compile(limitMemory(module, functionPagesMax)), {});
    const memory = instance.exports.m as WebAssembly.Memory;
    expect(memory.grow(functionPagesMax - 1)).toBe(1);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });
});
