import { isDeepStrictEqual } from 'node:util';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import type { DecoderSpec } from '../../connectors/formats/decoder.ts';
import { JsonRow } from '../../connectors/formats/json-row.ts';
import { RowColumns } from '../../connectors/formats/row-columns.ts';
import { columnValue } from '../connectors/column-values.ts';
import { Random } from '../connectors/random.ts';
import { messageText, mutate } from './json-messages.ts';
import { type Expected, plainJson, referenceRow, refused } from './json-reference.ts';
import { column, decoderSpec, type Opened, openJson } from './support.ts';

export interface FuzzCounts {
  messages: number;
  /** Rows that both took, records that both refused. */
  taken: number;
  rejected: number;
  /** Longest call of the decoder, and the most memory that its module had. */
  longestMs: number;
  memoryBytes: number;
}

const batchMessages = 256;
const encoder = new TextEncoder();
const named = (kinds: readonly (DataType | DataType['kind'])[], nullable = true): ColumnSpec[] =>
  kinds.map((type, index) => column(`c${index}`, type, nullable));

/** Tables whose messages are made: telemetry, every scalar type, nested columns, columns that are only checked, long and odd names. */
const tables: readonly { columns: readonly ColumnSpec[]; rest?: Partial<DecoderSpec> }[] = [
  {
    columns: [
      column('ts', 'bigint', false),
      column('host', 'varchar'),
      column('value', 'double'),
      column('status', 'integer'),
      column('at', 'timestamp'),
      column('ok', 'boolean'),
    ],
  },
  {
    columns: named(['tinyint', 'smallint', 'integer', 'bigint', 'hugeint', 'utinyint', 'usmallint', 'uinteger', 'ubigint', 'uhugeint']),
    rest: { timestampUnit: 'ms' },
  },
  {
    columns: named([
      ...['float', 'double', 'varchar', 'json', 'date', 'time', 'uuid', 'blob'].map((kind) => kind as DataType['kind']),
      { kind: 'decimal', width: 4, scale: 1 },
      { kind: 'decimal', width: 9, scale: 3 },
      { kind: 'decimal', width: 18, scale: 6 },
      { kind: 'decimal', width: 38, scale: 10 },
      { kind: 'enum', values: ['low', 'high', 'a longer value of it', 'é'] },
    ]),
  },
  { columns: named(['timestamp', 'timestamp_s', 'timestamp_ms', 'timestamp_ns', 'timestamptz']), rest: { timestampUnit: 's' } },
  { columns: named(['timestamp', 'timestamp_s', 'timestamp_ms', 'timestamp_ns']), rest: { timestampUnit: 'ns' } },
  {
    columns: [
      column('list', { kind: 'list', child: { kind: 'double' } }),
      column('map', { kind: 'map', key: { kind: 'varchar' }, value: { kind: 'integer' } }),
      column('struct', {
        kind: 'struct',
        fields: [
          { name: 'a', type: { kind: 'bigint' } },
          { name: 'é', type: { kind: 'list', child: { kind: 'boolean' } } },
        ],
      }),
      column('n', 'integer', false),
    ],
  },
  {
    columns: [
      column('a', 'varchar', false),
      column('a_name_that_is_longer_than_sixteen', 'double', false),
      column('a name of thirty bytes, no more', 'integer'),
      column('quote"back\\slash', 'varchar'),
      column('é', { kind: 'enum', values: ['x', 'y'] }),
      column('unneeded', 'uuid'),
      column('a_name_that_is_much_longer_than_two_vectors_of_sixteen_bytes', 'varchar'),
    ],
    rest: { needed: [1, 2, 3, 6] },
  },
];

function agrees(expected: Expected, actual: unknown): boolean {
  if ('sameJson' in expected) {
    try {
      return isDeepStrictEqual(plainJson(JSON.parse(String(actual))), expected.sameJson);
    } catch {
      return false;
    }
  }
  const { value } = expected;
  if (typeof value === 'number' && typeof actual === 'number') return Object.is(value, actual);
  return isDeepStrictEqual(orderless(value), orderless(actual));
}

/** Text kept as written holds overwritten fields too: half of a surrogate pair among those is refused, and JSON.parse does not tell. */
function overwrittenHalf(message: Uint8Array, expected: readonly Expected[]): boolean {
  const text = Buffer.from(message).toString('latin1');
  return expected.some((each) => 'sameJson' in each) && /\\u[dD][89a-fA-F]/.test(text);
}

/** Names that are whole numbers come first in a JavaScript object: maps are compared without order. */
function orderless(value: unknown): unknown {
  const isMap = Array.isArray(value) && value.length > 0 && value.every((each) => Array.isArray(each) && typeof each[0] === 'string');
  return isMap ? [...value].sort((a, b) => (a[0] < b[0] ? -1 : 1)) : value;
}

/** The decoder of one table, the slow one beside it, and what they must agree on. */
class Contest {
  readonly #columns: readonly ColumnSpec[];
  readonly #needed: readonly number[];
  readonly #unit: string | null;
  readonly #opened: Opened;
  readonly #rows: RowColumns;
  readonly #row: JsonRow;

  constructor(spec: DecoderSpec, opened: Opened) {
    this.#columns = spec.columns;
    this.#needed = spec.needed;
    this.#unit = spec.timestampUnit;
    this.#opened = opened;
    this.#rows = new RowColumns(spec.columns, spec.needed, { timestampUnit: spec.timestampUnit, blobs: spec.blobs });
    this.#row = new JsonRow(this.#rows);
  }

  run(messages: readonly Uint8Array[], counts: FuzzCounts): void {
    const before = performance.now();
    const { rows, rejected } = this.#opened.decode(messages.map((value) => ({ value })));
    counts.longestMs = Math.max(counts.longestMs, performance.now() - before);
    counts.memoryBytes = Math.max(counts.memoryBytes, this.#opened.module.bytes.length);
    const reasons = new Map(rejected.map((each) => [each.index, each]));
    let next = 0;
    for (const [index, message] of messages.entries()) {
      counts.messages++;
      const expected = referenceRow(message, this.#columns, this.#unit);
      const reason = reasons.get(index);
      const row = reason === undefined ? (rows[next++] as unknown[]) : null;
      this.#compare(message, expected, row, reason?.reason ?? '');
      this.#compare(message, expected, this.#slowly(message), 'the slow decoder refused it');
      if (row === null) counts.rejected++;
      else counts.taken++;
    }
    if (next !== rows.length) throw new Error(`${rows.length} rows, not ${next}`);
  }

  #compare(message: Uint8Array, expected: Expected[] | typeof refused, row: unknown[] | null, reason: string): void {
    const wrong =
      expected === refused ? row !== null : row === null || !this.#needed.every((index, place) => agrees(expected[index]!, row[place]));
    if (!wrong || (row === null && expected !== refused && overwrittenHalf(message, expected))) return;
    const show = (value: unknown) => JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}` : each));
    const wanted = expected === refused ? 'no row' : show(this.#needed.map((index) => expected[index]));
    const text = Buffer.from(message).toString('latin1');
    throw new Error(`wanted ${wanted}, had ${row === null ? `none (${reason})` : show(row)}\nof ${JSON.stringify(text)}`);
  }

  /** The same by the decoder that the JSON lines reader has. */
  #slowly(message: Uint8Array): unknown[] | null {
    const utf8 = Buffer.from(message);
    if (utf8.toString('utf8').includes('\ufffd') && !Buffer.from(utf8.toString('utf8')).equals(utf8)) return null;
    if (this.#row.append(message, 0, message.length) !== null) return null;
    return this.#rows.take().map((each) => columnValue(each, 0));
  }
}

/** Throws at the first message on which the decoder, the slow decoder and JSON.parse with the rules of columns do not agree. */
export async function fuzzJson(messages: number, seed: number, progress: (counts: FuzzCounts) => void = () => {}): Promise<FuzzCounts> {
  const random = new Random(seed);
  const counts: FuzzCounts = { messages: 0, taken: 0, rejected: 0, longestMs: 0, memoryBytes: 0 };
  const contests: Contest[] = [];
  for (const { columns, rest } of tables) contests.push(new Contest(decoderSpec(columns, rest), await openJson(columns, rest)));
  for (let round = 0; counts.messages < messages; round++) {
    const place = round % tables.length;
    const { columns } = tables[place] as (typeof tables)[number];
    const batch = Array.from({ length: Math.min(batchMessages, messages - counts.messages) }, () => {
      const plain = encoder.encode(messageText(columns, random));
      return random.chance(0.5) ? mutate(plain, random) : plain;
    });
    (contests[place] as Contest).run(batch, counts);
    progress(counts);
  }
  return counts;
}
