import { describe, expect, it } from 'vitest';
import { JsonReader, jsonDepthMax } from '../../connectors/columns/json-reader.ts';
import { Random } from './random.ts';

const encoder = new TextEncoder();

function accepts(text: string): boolean {
  const bytes = encoder.encode(text);
  const reader = new JsonReader();
  reader.reset(bytes, 0, bytes.length);
  return reader.skipValue() && reader.atEnd();
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function randomValue(random: Random, depth = 0): unknown {
  const scalars = [null, true, false, 0, -1.5, 1e300, random.text(), 'é\u0001"\\/', random.next()];
  const kind = random.below(depth > 3 ? 1 : 3);
  if (kind === 0) return random.pick(scalars);
  const values = Array.from({ length: random.below(4) }, () => randomValue(random, depth + 1));
  return kind === 1 ? values : Object.fromEntries(values.map((value) => [random.text(), value]));
}

function mutated(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const noise = random.pick([
    '',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u12',
    '0',
    '-',
    '.',
    'e5',
    't',
    'null',
    ' ',
    '\n',
    '\u0001',
    'NaN',
    "'",
  ]);
  return text.slice(0, at) + noise + text.slice(at + random.below(3));
}

describe('JsonReader', () => {
  it('accepts what JSON.parse accepts', () => {
    const random = new Random(5);
    for (let i = 0; i < 20_000; i++) {
      const text = JSON.stringify(randomValue(random), null, random.pick([0, 1]));
      if (!accepts(text)) throw new Error(`refused: ${text}`);
      const other = mutated(text, random);
      if (accepts(other) !== parses(other)) throw new Error(`${accepts(other) ? 'accepted' : 'refused'}: ${other}`);
    }
  });

  it('resolves escapes', () => {
    const random = new Random(6);
    const reader = new JsonReader();
    for (let i = 0; i < 2000; i++) {
      const text = random.text();
      const escaped = `"${[...text].map((point) => (random.chance(0.5) ? JSON.stringify(point).slice(1, -1) : escapeUnits(point))).join('')}"`;
      const bytes = encoder.encode(escaped);
      reader.reset(bytes, 0, bytes.length);
      expect(reader.readString()).toBe(true);
      expect(new TextDecoder().decode(reader.token.subarray(reader.tokenStart, reader.tokenEnd))).toBe(text);
    }
  });

  it('tells halves of surrogate pairs', () => {
    const reader = new JsonReader();
    for (const [text, half] of [
      ['"\\ud800"', true],
      ['"\\ud800\\u0041"', true],
      ['"\\udc00"', true],
      ['"\\ud83d\\ude00"', false],
    ] as const) {
      const bytes = encoder.encode(text);
      reader.reset(bytes, 0, bytes.length);
      expect(reader.skipValue() && reader.atEnd()).toBe(true);
      expect(reader.halfPair).toBe(half);
    }
  });

  it('refuses what is nested too deep', () => {
    expect(accepts('['.repeat(jsonDepthMax) + ']'.repeat(jsonDepthMax))).toBe(true);
    expect(accepts('['.repeat(1_000_000))).toBe(false);
  });
});

function escapeUnits(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
