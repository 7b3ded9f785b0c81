import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StringDictionary } from '../../connectors/string-dictionary.ts';
import { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import type { Row } from '../oracle/compare-rows.ts';
import { defineQuery, drain } from './support/windowed-query.ts';

const entries = 1_000_000;
const dictionaries = 24;

describe('translations of dictionaries', () => {
  let program: QueryProgram;
  beforeAll(async () => {
    const compiler = new Compiler({ cacheDirectory: null });
    program = await compiler.compile(await defineQuery('ts TIMESTAMP, s VARCHAR', "SELECT s || '!' AS e FROM t", 'q'));
    await compiler.close();
  });
  let large: StringDictionary[] = [];
  afterAll(() => {
    large = [];
  });

  it('take no more memory when one large dictionary follows the other', async () => {
    const instance = await instantiateQuery(program, { memoryBytesMax: 96 << 20 });
    const rows: Row[] = [];
    for (let index = 0; index < dictionaries; index++) {
      const dictionary = new StringDictionary();
      const empty = new Uint8Array(0);
      for (let entry = 1; entry < entries; entry++) dictionary.append(empty);
      const code = dictionary.intern(`text ${index}`);
      large.push(dictionary);
      // The dictionary before comes once more: its translation may be gone, its strings are not.
      for (const each of large.slice(-2)) {
        const codes = Uint32Array.of(each === dictionary ? code : entries - 1);
        instance.push(0, { rows: 1, columns: [{ kind: 'string', type: { kind: 'varchar' }, codes, dictionary: each, validity: null }] });
        drain(instance, rows);
      }
    }
    const expected = Array.from({ length: dictionaries }, (_, index) => [...(index === 0 ? [] : [`text ${index - 1}!`]), `text ${index}!`]);
    expect(rows.flat()).toEqual(expected.flat());
  });

  it('take strings together or one by one, whatever their codes and lengths', async () => {
    const instance = await instantiateQuery(program, { memoryBytesMax: 96 << 20 });
    const encoder = new TextEncoder();
    const texts = Array.from({ length: 5000 }, (_, k) =>
      k % 700 === 3 ? 'long '.repeat(20_000) + k : `${'x'.repeat(k % 40)} ${k % 1500} é`,
    );
    const dictionary = new StringDictionary();
    for (const text of texts) dictionary.append(encoder.encode(text));
    const [rows, expected]: [Row[], (string | null)[]] = [[], []];
    const patterns = [
      (k: number) => (k * 1237) % texts.length,
      (k: number) => texts.length - 1 - k,
      (k: number) => (k % 3) * 2400,
      (k: number) => k,
    ];
    for (const pattern of patterns) {
      const count = 3000;
      const isNull = (k: number) => k % 11 === 5;
      // The codes of NULLs mean nothing: some are of no entry.
      const codes = Uint32Array.from({ length: count }, (_, k) => (isNull(k) ? 0xffffffff - k : pattern(k)));
      const validity = new Uint8Array((count + 7) >> 3);
      for (let k = 0; k < count; k++) if (!isNull(k)) validity[k >> 3] = (validity[k >> 3] as number) | (1 << (k & 7));
      instance.push(0, { rows: count, columns: [{ kind: 'string', type: { kind: 'varchar' }, codes, dictionary, validity }] });
      drain(instance, rows);
      for (let k = 0; k < count; k++) expected.push(isNull(k) ? null : `${texts[pattern(k)]}!`);
    }
    expect(rows.flat()).toEqual(expected);
  });
});
