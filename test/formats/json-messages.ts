import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import type { Random } from '../connectors/random.ts';

const encoder = new TextEncoder();
const alphabet = encoder.encode('{}[]",:\\0123456789.eE+-ntfulrsa \n\t\r/xb\u0000\u0001\u007f');
const badBytes = [0x80, 0xbf, 0xc0, 0xc1, 0xc3, 0xe2, 0xed, 0xa0, 0xf0, 0xf4, 0xf5, 0xff];

/** Text of a JSON number, mostly of the kind that writers give, sometimes of one that tries the reader. */
export function numberText(random: Random): string {
  const sign = random.pick(['', '', '', '-']);
  const digits = () => `${1 + random.below(9)}${random.digits(random.below(random.pick([2, 6, 12, 18, 20, 25, 40])))}`;
  switch (random.below(8)) {
    case 0:
      return `${sign}${random.below(300)}`;
    case 1:
      return `${sign}${digits()}`;
    case 2:
      return `${sign}${random.below(1e6)}.${random.digits(1 + random.below(9))}`;
    case 3:
      return `${sign}${digits()}.${random.digits(1 + random.below(25))}`;
    case 4:
      return `${sign}${random.below(10)}.${random.digits(1 + random.below(18))}e${random.below(640) - 330}`;
    case 5: {
      const value = new Float64Array(new BigUint64Array([random.bits()]).buffer)[0] as number;
      return Number.isFinite(value) ? String(value).replace('e+', random.pick(['e+', 'E', 'e'])) : '0';
    }
    case 6:
      return `${sign}0${random.pick(['', '.0', '.00', 'e0', '.0E+2', '.5', '.000000000000000000000000000001'])}`;
    default:
      return random.pick([
        '127',
        '128',
        '-128',
        '255',
        '32767',
        '65536',
        '2147483647',
        '-2147483648',
        '4294967295',
        '9223372036854775807',
        '9223372036854775808',
        '-9223372036854775808',
        '18446744073709551615',
        '18446744073709551616',
        '170141183460469231731687303715884105727',
        '9007199254740993',
        '1e3',
        '5e-324',
        '2.2250738585072011e-308',
        '1.7976931348623157e308',
        '1e400',
        '0.1',
        '8.5',
        '16777217',
        '3.4028235677973366e38',
        '1.00000005960464477539062500000001',
      ]);
  }
}

const escaped = (text: string, random: Random) =>
  [...text]
    .map((point) => {
      if (!random.chance(0.2)) return JSON.stringify(point).slice(1, -1);
      return Array.from({ length: point.length }, (_, unit) => `\\u${point.charCodeAt(unit).toString(16).padStart(4, '0')}`).join('');
    })
    .join('');

function stringText(random: Random): string {
  if (random.chance(0.02)) return random.pick(['"\\ud800"', '"\\udc00x"', '"\\ud83d\\u0041"', '"a\\u0000b"', '"\\/\\b\\f"']);
  const text = random.chance(0.5) ? `web-${random.below(500)}` : random.text();
  return random.chance(0.3) ? `"${escaped(text, random)}"` : JSON.stringify(text);
}

const pad = (value: number, width = 2) => String(value).padStart(width, '0');

function momentText(random: Random): string {
  const date = `${random.pick(['2024', '1970', '1969', '0001', '9999', pad(random.below(10_000), 4)])}-${pad(random.below(14))}-${pad(random.below(33))}`;
  const clock = `${pad(random.below(25))}:${pad(random.below(61))}${random.chance(0.8) ? `:${pad(random.below(61))}` : ''}${random.chance(0.6) ? `.${random.digits(1 + random.below(12))}` : ''}`;
  const zone = random.pick(['', 'Z', 'z', '+01:00', '-0530', '+02', ' Z', '+1', '+16:00', 'Zulu']);
  const text = random.pick([date, `${date}T${clock}${zone}`, `${date} ${clock}${zone}`, clock, ` ${date}`, `${date}T`]);
  return `"${text}"`;
}

function uuidText(random: Random): string {
  const text = hyphened(random);
  const hex = text.replaceAll('-', '');
  return `"${random.pick([text, text.toUpperCase(), hex, `{${text}}`, text.slice(1)])}"`;
}

/** Any JSON text. */
export function anyText(random: Random, depth = 0): string {
  const kind = random.below(depth > 4 ? 5 : 8);
  if (kind === 0) return random.pick(['null', 'true', 'false']);
  if (kind < 3) return numberText(random);
  if (kind < 5) return stringText(random);
  const blank = random.pick(['', '', ' ', '\n  ']);
  const inner = Array.from({ length: random.below(4) }, () => anyText(random, depth + 1));
  if (kind === 5) return `[${inner.join(`${blank},${blank}`)}]`;
  return `{${inner.map((text) => `${blank}${stringText(random)}${blank}:${text}`).join(',')}}`;
}

const integerBits: Readonly<Partial<Record<DataType['kind'], number>>> = {
  tinyint: 7,
  utinyint: 8,
  smallint: 15,
  usmallint: 16,
  integer: 31,
  uinteger: 32,
  bigint: 63,
  ubigint: 64,
  hugeint: 127,
  uhugeint: 128,
};

/** A whole number that fits, of any length. */
function fittingInteger(kind: DataType['kind'], random: Random): string {
  const bits = integerBits[kind] as number;
  const any = (random.bits() << 64n) | random.bits();
  const value = BigInt.asUintN(random.chance(0.3) ? bits : random.below(bits + 1), any);
  const sign = !kind.startsWith('u') && value > 0n && random.chance(0.3) ? '-' : '';
  return `${sign}${value}${random.chance(0.05) ? '.0' : ''}`;
}

function fittingDecimal({ width, scale }: { width: number; scale: number }, random: Random): string {
  const whole = random.below(width - scale + 1);
  const fraction = random.below(scale + 1);
  const start = whole === 0 ? '0' : `${1 + random.below(9)}${random.digits(whole - 1)}`;
  const text = `${random.pick(['', '-'])}${start}${fraction === 0 ? '' : `.${random.digits(fraction)}`}`;
  return random.chance(0.1) ? `${text}e0` : text;
}

function fittingMoment(kind: DataType['kind'], random: Random): string {
  const date = `${1970 + random.below(120)}-${pad(1 + random.below(12))}-${pad(1 + random.below(28))}`;
  const fraction = random.chance(0.6) ? `.${random.digits(1 + random.below(10))}` : '';
  const clock = `${pad(random.below(24))}:${pad(random.below(60))}${random.chance(0.9) ? `:${pad(random.below(60))}${fraction}` : ''}`;
  if (kind === 'date') return `"${date}"`;
  if (kind === 'time') return `"${clock}"`;
  if (random.chance(0.3))
    return `${random.pick(['', '', '-'])}${random.below(2e9)}${random.pick(['', '000', '.5', '.123456', '.0000000001'])}`;
  return `"${date}${random.pick(['T', ' '])}${clock}${random.pick(['', 'Z', '+01:00', '-0530', '+02'])}"`;
}

/** JSON text that is a value of the type. */
function fittingText(type: DataType, random: Random): string {
  if (type.kind in integerBits) {
    const text = fittingInteger(type.kind, random);
    return random.chance(0.1) ? `"${text}"` : text;
  }
  switch (type.kind) {
    case 'decimal':
      return fittingDecimal(type, random);
    case 'double':
    case 'float':
      return numberText(random);
    case 'boolean':
      return random.pick(['true', 'false', '1', '"no"']);
    case 'enum':
      return JSON.stringify(random.pick(type.values));
    case 'uuid':
      return `"${hyphened(random)}"`;
    case 'blob':
      return `"${Buffer.from(random.text()).toString(random.pick(['base64', 'base64url']))}"`;
    default:
      return type.kind === 'date' || type.kind.startsWith('time') ? fittingMoment(type.kind, random) : stringText(random);
  }
}

function hyphened(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** JSON text that is mostly a value of the type. */
export function valueText(type: DataType, random: Random): string {
  if (random.chance(0.03)) return 'null';
  if (random.chance(0.01)) return anyText(random);
  const nests = type.kind === 'list' || type.kind === 'map' || type.kind === 'struct' || type.kind === 'json';
  if (!nests && random.chance(0.97)) return fittingText(type, random);
  switch (type.kind) {
    case 'varchar':
      return random.chance(0.9) ? stringText(random) : anyText(random);
    case 'json':
      return anyText(random);
    case 'boolean':
      return random.pick(['true', 'false', 'true', 'false', '1', '0', '"yes"', '"F"', '"maybe"']);
    case 'enum':
      return JSON.stringify(random.pick([...type.values, 'other']));
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamp_s':
    case 'timestamp_ms':
    case 'timestamp_ns':
    case 'timestamptz':
      return random.chance(0.2) ? numberText(random) : momentText(random);
    case 'uuid':
      return uuidText(random);
    case 'blob':
      return `"${Buffer.from(random.text()).toString(random.pick(['base64', 'base64url']))}"`;
    case 'list':
      return `[${Array.from({ length: random.below(5) }, () => valueText(type.child, random)).join(random.pick([',', ' , ']))}]`;
    case 'map':
      return `{${Array.from({ length: random.below(4) }, () => `${JSON.stringify(random.pick(['a', 'b', 'c d', 'é']))}:${valueText(type.value, random)}`).join(',')}}`;
    case 'struct':
      return `{${type.fields
        .filter(() => random.chance(0.9))
        .map(({ name, type: inner }) => `${JSON.stringify(name)}:${valueText(inner, random)}`)
        .concat(random.chance(0.2) ? [`"more":${anyText(random)}`] : [])
        .join(',')}}`;
    default: {
      const text = numberText(random);
      return random.chance(0.15) ? `"${random.pick(['', ' ', '+', '00'])}${text}"` : text;
    }
  }
}

/** A message for the columns: fields in order or not, left out, doubled, unknown ones between. */
export function messageText(columns: readonly ColumnSpec[], random: Random): string {
  const fields = columns
    .filter(() => !random.chance(0.03))
    .map(
      ({ name, type }) =>
        `${random.chance(0.02) ? `"${escaped(name, random)}"` : JSON.stringify(name)}${random.pick([':', ':', ':', ' : '])}${valueText(type, random)}`,
    );
  if (random.chance(0.15)) fields.splice(random.below(fields.length + 1), 0, `${stringText(random)}:${anyText(random)}`);
  if (random.chance(0.3)) fields.push(`"extra_${random.below(5)}":${anyText(random)}`);
  if (random.chance(0.05)) fields.push(random.pick(fields));
  if (random.chance(0.05)) {
    const { name, type } = random.pick(columns);
    fields.unshift(`${JSON.stringify(name)}:${random.chance(0.5) ? anyText(random) : valueText(type, random)}`);
  }
  if (random.chance(0.1)) fields.sort(() => random.next() - 0.5);
  const blank = random.pick(['', '', '', ' ', '\n ', '\t\r\n']);
  const text = `${blank}{${blank}${fields.join(`,${blank}`)}${blank}}${blank}`;
  if (!random.chance(0.001)) return text;
  const depth = random.pick([200, 255, 256, 257, 5000]);
  const deep = random.chance(0.5) ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  return text.replace('{', `{"deep":${deep}${fields.length > 0 ? ',' : ''}`);
}

/** Up to three changes: bytes put in, taken out, changed, doubled, cut off. */
export function mutate(message: Uint8Array, random: Random): Uint8Array {
  let bytes = message;
  for (let changes = random.below(4); changes > 0; changes--) {
    const at = random.below(bytes.length + 1);
    const size = random.below(random.chance(0.8) ? 3 : 40);
    const rest = bytes.subarray(Math.min(bytes.length, at + size));
    switch (random.below(8)) {
      case 0:
        bytes = bytes.subarray(0, at);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + size), bytes.subarray(at)]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), rest]);
        break;
      case 3:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Uint8Array.of(random.pick(badBytes)),
          random.chance(0.5) ? bytes.subarray(at) : rest,
        ]);
        break;
      default:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Uint8Array.of(random.pick([...alphabet])),
          random.chance(0.5) ? bytes.subarray(at) : rest,
        ]);
    }
  }
  return bytes;
}
