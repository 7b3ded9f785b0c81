import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { base64Of, booleanOf, dateOf, decimalOf, doubleOf, floatOf, integerOf, timeOf, timestampOf, uuidOf } from './text-reference.ts';

/** What a value must be: an exact plain value, or text that stands for the same JSON value (a nested value "as written"). */
export type Expected = { readonly value: unknown } | { readonly sameJson: unknown };
/** No row. */
export const refused = Symbol('refused');

/** A number as it was written. */
class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const depthMax = 256;
type Json = null | boolean | string | NumberText | Json[] | { [name: string]: Json };

/** The row that a message stands for by JSON.parse and the rules of columns, or `refused`. Slow and plain. */
export function referenceRow(bytes: Uint8Array | null, columns: readonly ColumnSpec[], unit: string | null): Expected[] | typeof refused {
  const object = bytes === null ? {} : parseObject(bytes);
  if (object === refused) return refused;
  const row: Expected[] = [];
  for (const { name, type, nullable } of columns) {
    const value = Object.hasOwn(object, name) ? (object[name] as Json) : null;
    if (value === null) {
      if (!nullable) return refused;
      row.push({ value: null });
      continue;
    }
    const expected = convert(value, type, unit);
    if (expected === refused) return refused;
    row.push(expected);
  }
  return row;
}

const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const mark = '\u0000number ';

/**
 * What JSON.parse accepts, with numbers as they were written: once the text is known to be JSON, its numbers are put in quotes. (A
 * reviver is told sources too, but V8 13.6 then takes a name of one escaped character for a backslash.)
 */
function parseObject(bytes: Uint8Array): Record<string, Json> | typeof refused {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const plain: unknown = JSON.parse(text);
    if (plain === null || typeof plain !== 'object' || Array.isArray(plain)) return refused;
    const quoted = text.replace(tokens, (token) => (token.startsWith('"') ? token : JSON.stringify(mark + token)));
    const value = withNumbers(JSON.parse(quoted)) as Record<string, Json>;
    return depthOf(value) > depthMax + 1 ? refused : value;
  } catch {
    return refused;
  }
}

function withNumbers(value: unknown): Json {
  if (typeof value === 'string') return value.startsWith(mark) ? new NumberText(value.slice(mark.length)) : value;
  if (Array.isArray(value)) return value.map(withNumbers);
  if (value === null || typeof value !== 'object') return value as Json;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withNumbers(inner)]));
}

function depthOf(value: Json): number {
  if (value === null || typeof value !== 'object' || value instanceof NumberText) return 0;
  let deepest = 0;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner));
  return deepest + 1;
}

function isText(value: Json): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (value === null || typeof value !== 'object' || value instanceof NumberText) return true;
  if (Array.isArray(value)) return value.every(isText);
  return Object.entries(value).every(([name, inner]) => name.isWellFormed() && isText(inner));
}

/** What it is when numbers are what JSON.parse makes of them. */
export function plainJson(value: unknown): unknown {
  if (value instanceof NumberText) return Number(value.text);
  if (Array.isArray(value)) return value.map(plainJson);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainJson(inner)]));
}

function convert(value: Json, type: DataType, unit: string | null): Expected | typeof refused {
  if (type.kind === 'list' || type.kind === 'struct' || type.kind === 'map') return nested(value, type, unit);
  if (type.kind === 'json') return isText(value) ? { sameJson: plainJson(value) } : refused;
  if (typeof value === 'object' && !(value instanceof NumberText)) {
    return type.kind === 'varchar' && isText(value) ? { sameJson: plainJson(value) } : refused;
  }
  const text = value instanceof NumberText ? value.text : String(value);
  if (!text.isWellFormed()) return refused;
  const converted = scalar(text, type, unit);
  return converted === undefined ? refused : { value: converted };
}

function scalar(text: string, type: DataType, unit: string | null): unknown {
  switch (type.kind) {
    case 'varchar':
      return text;
    case 'enum':
      return type.values.includes(text) ? text : undefined;
    case 'boolean':
      return booleanOf(text);
    case 'double':
      return doubleOf(text);
    case 'float':
      return floatOf(text);
    case 'decimal':
      return decimalOf(text, type.width, type.scale);
    case 'date':
      return dateOf(text);
    case 'time':
      return timeOf(text);
    case 'uuid':
      return uuidOf(text);
    case 'blob':
      return base64Of(text);
    case 'timestamp':
    case 'timestamp_s':
    case 'timestamp_ms':
    case 'timestamp_ns':
    case 'timestamptz':
      return timestampOf(text, type.kind, unit);
    default:
      return integerOf(text, type.kind);
  }
}

function nested(value: Json, type: DataType, unit: string | null): Expected | typeof refused {
  const inner = (each: Json, childType: DataType): unknown => {
    if (each === null) return null;
    const expected = convert(each, childType, unit);
    if (expected === refused) throw refused;
    if ('sameJson' in expected) throw new Error('text inside nested columns is not tried here');
    return expected.value;
  };
  try {
    if (type.kind === 'list') return Array.isArray(value) ? { value: value.map((each) => inner(each, type.child)) } : refused;
    if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof NumberText) return refused;
    if (type.kind === 'struct') {
      const fields = type.fields.map(({ name, type: fieldType }) => [
        name,
        Object.hasOwn(value, name) ? inner(value[name] as Json, fieldType) : null,
      ]);
      return { value: Object.fromEntries(fields) };
    }
    if (type.kind !== 'map') return refused;
    return { value: entriesOf(value).map(([name, each]) => [mapKey(name, type.key, unit), inner(each, type.value)]) };
  } catch (error) {
    if (error === refused) return refused;
    throw error;
  }
}

/** Names that are whole numbers come first in an object, whatever their order in the text: compared without order. */
function entriesOf(value: Record<string, Json>): [string, Json][] {
  return Object.entries(value);
}

function mapKey(name: string, type: DataType, unit: string | null): unknown {
  if (!name.isWellFormed()) throw refused;
  const key = scalar(name, type, unit);
  if (key === undefined) throw refused;
  return key;
}
