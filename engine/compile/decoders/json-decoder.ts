import { batchRowsMax } from '../../../connectors/batch.ts';
import type { DecoderSpec } from '../../../connectors/formats/decoder.ts';
import { type JsonColumn, jsonLayout, type JsonLayout } from '../../../connectors/formats/json-layout.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { jsonValue } from './json-value.ts';

const encoder = new TextEncoder();
const wordBits = 64;

/** Adds the decoder of JSON objects; gives the statements that start it. */
export function addJsonDecoder(module: ModuleBuilder, spec: DecoderSpec, exported: Map<string, Set<string>>): string[] {
  const layout = jsonLayout(spec);
  exported.set('json/keys', new Set(['unknownLength', 'unknownName', 'unknownNames', 'unknownTimes']));
  exported.set('json/double', new Set(['doublePowersAddress']));
  exported.set('byte-dictionary', new Set(['dictionaryCode', 'resetDictionary']));
  module.reserve('nulls', Math.max(1, layout.columns.length) * 4);
  module.reserve('bailed', batchRowsMax * 4);
  module.reserve('dictionaries', Math.max(1, layout.dictionaries) * 64);
  module.declare('let columns: usize = 0;');
  module.import('json/keys', 'uncountUnknown');
  module.add(readObject(module, spec, layout));
  module.add(decode(layout));
  for (const name of ['nulls', 'bailed', 'dictionaries', 'columns']) {
    module.add(`export function ${name}Address(): usize {\n  return ${name};\n}`);
  }
  return startStatements(module, layout);
}

function startStatements(module: ModuleBuilder, layout: JsonLayout): string[] {
  module.import('memory', 'allocate');
  module.import('json/keys', 'initialiseKeys');
  module.import('json/keys', 'addKey');
  for (const name of ['initialiseMasks', 'resetDictionary', 'seedDictionaries', 'dictionaryCode']) module.import('byte-dictionary', name);
  const statements = [
    'initialiseMasks();',
    'seedDictionaries(<u64>first ^ rotl<u64>(<u64>second, 17));',
    `columns = allocate(${layout.bytes});`,
    `initialiseKeys(${layout.columns.length});`,
  ];
  for (const [field, { spec, dictionary }] of layout.columns.entries()) {
    const name = encoder.encode(spec.name);
    statements.push(`addKey(${module.data(padded(name))}, ${name.length}, ${field}, true);`);
    if (dictionary < 0) continue;
    statements.push(`resetDictionary(dictionaries + ${dictionary * 64});`);
    if (spec.type.kind !== 'enum') continue;
    for (const value of spec.type.values.map((text) => encoder.encode(text))) {
      statements.push(`dictionaryCode(dictionaries + ${dictionary * 64}, ${module.data(padded(value))}, ${value.length});`);
    }
  }
  return statements;
}

/** Readers of 16 bytes at a time may go past the end. */
function padded(bytes: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + 16);
  longer.set(bytes);
  return longer;
}

/** Records one after the other; those that the function below gives up on are listed. A null record is an object without fields. */
function decode(layout: JsonLayout): string {
  const { columns, validityBytes } = layout;
  const validity = validityBytes === 0 ? '' : `\n  memory.fill(columns + 64, 0xff, ${validityBytes});`;
  return `/** Decodes \`rows\` records whose addresses and lengths lie at the arrays given; returns how many stand in the list of the others. */
export function decode(addresses: usize, lengths: usize, rows: u32): u32 {
  memory.fill(nulls, 0, ${Math.max(1, columns.length) * 4});${validity}
  let others: u32 = 0;
  for (let row: usize = 0; row < <usize>rows; row++) {
    const start = <usize>load<u32>(addresses + (row << 2));
    const length = load<i32>(lengths + (row << 2));
    if (length < 0 ? finishRow(row, ${words(layout)
      .map(() => '0')
      .join(', ')}) : readObject(start, start + <usize>length, row)) continue;
    uncountUnknown();
    store<u32>(bailed + (<usize>others << 2), <u32>row);
    others++;
  }
  return others;
}

${finishRow(layout)}`;
}

function words(layout: JsonLayout): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(layout.columns.length / wordBits)) }, (_, index) => index);
}

function mask(columns: readonly JsonColumn[], word: number, chosen: (column: JsonColumn) => boolean): bigint {
  let bits = 0n;
  for (const [field, column] of columns.entries()) if (field >> 6 === word && chosen(column)) bits |= 1n << BigInt(field & 63);
  return bits;
}

const hex = (bits: bigint) => `0x${bits.toString(16)}`;

/** Gives NULL to columns without a value; false where one may not be NULL. */
function finishRow({ columns }: JsonLayout): string {
  const all = Array.from({ length: Math.max(1, Math.ceil(columns.length / wordBits)) }, (_, index) => index);
  const parts = all.map((word) => {
    const required = mask(columns, word, ({ spec }) => !spec.nullable);
    const nullable = mask(columns, word, ({ storage, spec }) => spec.nullable && storage !== 'none');
    return `${required === 0n ? '' : `if ((seen${word} & ${hex(required)}) != ${hex(required)}) return false;\n  `}if ((seen${word} & ${hex(nullable)}) != ${hex(nullable)}) {
${columns
  .flatMap((column, field) =>
    field >> 6 === word && column.spec.nullable && column.storage !== 'none'
      ? [`    if ((seen${word} & ${hex(1n << BigInt(field & 63))}) == 0) ${setNull(column, field)}`]
      : [],
  )
  .join('\n')}
  }`;
  });
  return `/** Bit k of the words: column k has a value. */
function finishRow(row: usize, ${all.map((word) => `seen${word}: u64`).join(', ')}): bool {
  ${parts.join('\n  ')}
  return true;
}

function setNull(row: usize, validity: usize, field: usize): void {
  const at = columns + validity + (row >> 3);
  store<u8>(at, <u8>(<u32>load<u8>(at) & ~((<u32>1) << (<u32>row & 7))));
  store<u32>(nulls + (field << 2), load<u32>(nulls + (field << 2)) + 1);
}`;
}

function setNull(column: JsonColumn, field: number): string {
  if (column.storage === 'span') return `store<i32>(columns + (row << 3), -1, ${column.offset + 4});`;
  return `setNull(row, ${column.validity}, ${field});`;
}

function readObject(module: ModuleBuilder, spec: DecoderSpec, layout: JsonLayout): string {
  for (const name of ['beginScan', 'highBits', 'skipBlanks', 'skipValue']) module.import('json/scan', name);
  for (const name of ['afterKey', 'beginObject', 'countUnknown', 'findKey', 'firstKey', 'matchesRest']) module.import('json/keys', name);
  module.import('utf8', 'isUtf8');
  const cases = layout.columns.map((column, field) => {
    const bit = hex(1n << BigInt(field & 63));
    const seen = `seen${field >> 6} |= ${bit};`;
    const unseen = `seen${field >> 6} &= ~(<u64>${bit});`;
    return `      case ${field}: {${jsonValue({ module, column, timestampUnit: spec.timestampUnit, seen, unseen })}
      }`;
  });
  return `/** One message. False: not plainly a row; what it has written at \`row\` means nothing. The last of several fields of a name counts. */
function readObject(start: usize, end: usize, row: usize): bool {
  beginScan();
  beginObject();
  ${words(layout)
    .map((word) => `let seen${word}: u64 = 0;`)
    .join('\n  ')}
  let p = skipBlanks(start, end);
  if (p >= end || load<u8>(p) != 123) return false;
  p = skipBlanks(p + 1, end);
  let key = firstKey();
  if (load<u8>(p) == 125) p++;
  else while (true) {
    if (p >= end) return false;
    const expected = <usize>load<u32>(key, 72);
    const keyLength = load<u32>(expected, 64);
    const differs = v128.any_true(v128.xor(v128.and(v128.load(p), v128.load(expected, 16)), v128.load(expected)));
    if (differs || (keyLength > 16 && !matchesRest(expected, p))) {
      key = findKey(p, end, key);
      if (key == 0) return false;
      p = afterKey;
    } else {
      key = expected;
      p += keyLength;
    }
    let c = <u32>load<u8>(p);
    if (c <= 32) {
      p = skipBlanks(p, end);
      c = load<u8>(p);
    }
    switch (load<u32>(key, 68)) {
${cases.join('\n')}
      default: {
        p = skipValue(p, end);
        if (p == 0) return false;
        countUnknown(key);
      }
    }
    c = load<u8>(p);
    if (c <= 32) {
      p = skipBlanks(p, end);
      c = load<u8>(p);
    }
    p++;
    if (c == 44) {
      if (load<u8>(p) <= 32) p = skipBlanks(p, end);
      continue;
    }
    if (c != 125) return false;
    break;
  }
  if (p != end && skipBlanks(p, end) != end) return false;
  if (highBits != 0 && !isUtf8(start, end)) return false;
  return finishRow(row, ${words(layout)
    .map((word) => `seen${word}`)
    .join(', ')});
}`;
}
