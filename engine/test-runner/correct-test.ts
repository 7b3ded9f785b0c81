import type { Correction } from './run-test.ts';

/** The text of a test with what came in place of what it expected. */
export function correctTest(text: string, corrections: readonly Correction[]): string {
  const lines = text.split('\n');
  const fromBelow = [...corrections].sort((a, b) => b.expected.line - a.expected.line);
  for (const { expected, lines: corrected } of fromBelow) lines.splice(expected.line - 1, expected.rows.length, ...corrected);
  return lines.join('\n');
}
