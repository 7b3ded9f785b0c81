import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const css = readFileSync(join(import.meta.dirname, '../../engine/serve/console/tokens.css'), 'utf8');

/** WCAG 2.2: 4.5 for text, 3 for marks and lines that carry meaning. */
const textMin = 4.5;
const markMin = 3;
const texts = ['ink', 'muted', 'faint', 'accent', 'warning', 'critical', 'keyword', 'text-literal', 'number', 'comment'];
const marks = ['flow', 'warning-mark', 'critical-mark', 'series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6'];

function tokens(selector: RegExp): ReadonlyMap<string, string> {
  const block = selector.exec(css)?.[1] ?? '';
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map((match) => [match[1] as string, match[2] as string]));
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

describe.each([
  ['light', /:root\s*\{([^}]*)\}/],
  ['dark', /\[data-theme="dark"\]\s*\{([^}]*)\}/],
])('colours, %s', (_, selector) => {
  const all = tokens(selector);
  const of = (name: string) => all.get(name) as string;

  it.each(texts)('%s can be read on a card', (name) => {
    expect(contrast(of(name), of('card'))).toBeGreaterThanOrEqual(textMin);
  });

  it.each(['ink', 'muted', 'warning', 'critical'])('%s can be read on the ground', (name) => {
    expect(contrast(of(name), of('ground'))).toBeGreaterThanOrEqual(textMin);
  });

  it.each(marks)('%s can be seen on a card', (name) => {
    expect(contrast(of(name), of('card'))).toBeGreaterThanOrEqual(markMin);
  });

  it('text on washes and buttons can be read', () => {
    expect(contrast(of('warning'), of('warning-wash'))).toBeGreaterThanOrEqual(textMin);
    expect(contrast(of('critical'), of('critical-wash'))).toBeGreaterThanOrEqual(textMin);
    expect(contrast(of('on-accent'), of('accent'))).toBeGreaterThanOrEqual(textMin);
    expect(contrast(of('ink'), of('accent-wash'))).toBeGreaterThanOrEqual(textMin);
  });
});
