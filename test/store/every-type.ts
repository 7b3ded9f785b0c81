import type { ColumnSpec } from '../../connectors/data-type.ts';
import { column } from './store-support.ts';

const text = new TextEncoder();

/** One column of every stored type. */
export const everyType: readonly ColumnSpec[] = [
  column('ts', 'timestamp'),
  column('boolean', 'boolean'),
  column('tinyint', 'tinyint'),
  column('smallint', 'smallint'),
  column('integer', 'integer'),
  column('bigint', 'bigint'),
  column('hugeint', 'hugeint'),
  column('utinyint', 'utinyint'),
  column('usmallint', 'usmallint'),
  column('uinteger', 'uinteger'),
  column('ubigint', 'ubigint'),
  column('uhugeint', 'uhugeint'),
  column('float', 'float'),
  column('double', 'double'),
  column('varchar', 'varchar'),
  column('blob', 'blob'),
  column('json', 'json'),
  column('date', 'date'),
  column('time', 'time'),
  column('timestamp_s', 'timestamp_s'),
  column('timestamp_ms', 'timestamp_ms'),
  column('timestamp_ns', 'timestamp_ns'),
  column('timestamptz', 'timestamptz'),
  column('interval', 'interval'),
  column('uuid', 'uuid'),
  column('nothing', 'null'),
  column('decimal4', { kind: 'decimal', width: 4, scale: 1 }),
  column('decimal9', { kind: 'decimal', width: 9, scale: 2 }),
  column('decimal18', { kind: 'decimal', width: 18, scale: 6 }),
  column('decimal38', { kind: 'decimal', width: 38, scale: 3 }),
  column('enum', { kind: 'enum', values: ['cold', "it's warm", 'hot'] }),
  column('list', { kind: 'list', child: { kind: 'varchar' } }),
  column('lists', { kind: 'list', child: { kind: 'list', child: { kind: 'hugeint' } } }),
  column('map', { kind: 'map', key: { kind: 'varchar' }, value: { kind: 'double' } }),
  column('struct', {
    kind: 'struct',
    fields: [
      { name: 'a b', type: { kind: 'integer' } },
      { name: 'spans', type: { kind: 'list', child: { kind: 'interval' } } },
    ],
  }),
];

/** Values of row `row`, every third or so NULL, and what DuckDB must print for each. */
export function everyValue(row: number): { readonly values: unknown[]; readonly printed: (string | null)[] } {
  const odd = row % 2 === 1;
  const sign = odd ? -1 : 1;
  const long = `a text well beyond twelve bytes, Zürich ${row}`;
  const hex = row.toString(16).padStart(4, '0');
  const pairs: [unknown, string | null][] = [
    [
      1_700_000_000_000_000n + BigInt(row) * 1_000_001n,
      new Date(1_700_000_000_000 + row * 1000).toISOString().slice(0, 19).replace('T', ' ') + fraction(row),
    ],
    [odd, String(odd)],
    [sign * 100, String(sign * 100)],
    [sign * 30_000, String(sign * 30_000)],
    [sign * 2_000_000_000, String(sign * 2_000_000_000)],
    [BigInt(sign) * 9_007_199_254_740_993n, String(BigInt(sign) * 9_007_199_254_740_993n)],
    [BigInt(sign) * (10n ** 30n + BigInt(row)), String(BigInt(sign) * (10n ** 30n + BigInt(row)))],
    [200 + (row % 50), String(200 + (row % 50))],
    [60_000 + (row % 5000), String(60_000 + (row % 5000))],
    [4_000_000_000 + row, String(4_000_000_000 + row)],
    [BigInt.asIntN(64, 18_446_744_073_709_551_000n + BigInt(row % 600)), String(18_446_744_073_709_551_000n + BigInt(row % 600))],
    [2n ** 128n - 1n - BigInt(row), String(2n ** 128n - 1n - BigInt(row))],
    [sign * 1.5, sign < 0 ? '-1.5' : '1.5'],
    [sign * 0.1, sign < 0 ? '-0.1' : '0.1'],
    [odd ? long : 'short', odd ? long : 'short'],
    [
      odd ? new Uint8Array([0, 255, row & 0x7f]) : text.encode(long.replace('ü', 'u')),
      odd ? `\\x00\\xFF${byteText(row & 0x7f)}` : long.replace('ü', 'u'),
    ],
    [`{"row":${row}}`, `{"row":${row}}`],
    [20_000 + row, new Date((20_000 + row) * 86_400_000).toISOString().slice(0, 10)],
    [BigInt(row % 86_400) * 1_000_000n, new Date((row % 86_400) * 1000).toISOString().slice(11, 19)],
    [1_700_000_000n + BigInt(row), new Date(1_700_000_000_000 + row * 1000).toISOString().slice(0, 19).replace('T', ' ')],
    [1_700_000_000_001n, '2023-11-14 22:13:20.001'],
    [1_700_000_000_000_000_001n, '2023-11-14 22:13:20.000000001'],
    [1_700_000_000_000_000n, '2023-11-14 22:13:20+00'],
    [
      [sign * 14, sign * 3, BigInt(sign) * 5_000_001n],
      odd ? '-1 year -2 months -3 days -00:00:05.000001' : '1 year 2 months 3 days 00:00:05.000001',
    ],
    [uuidBits(hex), `550e8400-e29b-41d4-a716-44665544${hex}`],
    [null, null],
    [sign * 1234, `${sign < 0 ? '-' : ''}123.4`],
    [sign * 123_456_789, `${sign < 0 ? '-' : ''}1234567.89`],
    [BigInt(sign) * 123_456_789_012_345_678n, `${sign < 0 ? '-' : ''}123456789012.345678`],
    [BigInt(sign) * 12_345_678_901_234_567_890_123_456_789n, `${sign < 0 ? '-' : ''}12345678901234567890123456.789`],
    [odd ? "it's warm" : 'hot', odd ? "it's warm" : 'hot'],
    [odd ? ['x', null, long] : [], odd ? `[x, NULL, '${long}']` : '[]'],
    [odd ? [[1n, null], null, []] : [[-(10n ** 37n)]], odd ? '[[1, NULL], NULL, []]' : `[[-${10n ** 37n}]]`],
    [
      odd
        ? [
            ['k', 1.5],
            [long, null],
          ]
        : [],
      odd ? `{k=1.5, '${long}'=NULL}` : '{}',
    ],
    [odd ? [row, [[0, 0, 1_000_000n]]] : [null, null], odd ? `{'a b': ${row}, 'spans': ['00:00:01']}` : "{'a b': NULL, 'spans': NULL}"],
  ];
  const isNull = (index: number) => index > 0 && (row + index) % 3 === 0;
  return {
    values: pairs.map(([value], index) => (isNull(index) ? null : value)),
    printed: pairs.map(([, print], index) => (isNull(index) ? null : print)),
  };
}

function fraction(row: number): string {
  return row % 1_000_000 === 0
    ? ''
    : `.${String(row % 1_000_000)
        .padStart(6, '0')
        .replace(/0+$/, '')}`;
}

function byteText(byte: number): string {
  const character = String.fromCharCode(byte);
  return byte >= 32 && byte < 127 && !`\\'"`.includes(character) ? character : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** DuckDB keeps a UUID with its first bit flipped, so that it sorts as a signed number. */
function uuidBits(hex: string): bigint {
  return BigInt.asIntN(128, BigInt(`0x550e8400e29b41d4a71644665544${hex}`) ^ (1n << 127n));
}
