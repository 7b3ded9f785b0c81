import { describe, expect, test } from 'vitest';
import { renderDiagnostics } from '../../engine/sql/diagnostic-text.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { fixtureEnvironment } from '../plan/fixture-connectors.ts';
import { expectGolden } from '../plan/golden.ts';
import { mistakes, mistakeTables } from './mistakes.ts';

async function messagesOf(text: string): Promise<string> {
  const files = [
    { path: 'q/tables.sql', text: mistakeTables },
    { path: 'q/query.sql', text },
  ];
  const { diagnostics } = await loadCatalog(files, fixtureEnvironment);
  return renderDiagnostics(diagnostics);
}

describe('mistakes', async () => {
  const shown = new Map<string, string>();
  for (const [name, text] of Object.entries(mistakes)) shown.set(name, await messagesOf(text));
  for (const [name, message] of shown) {
    test(`${name}: one message with a code`, () => {
      expect(message).toMatch(/^error\[E\d{4}\]: /);
      expect(message.replace(/^.*\|.*$/gm, '')).not.toMatch(/__hop|__session|memory\.main|[A-Z]\w+ Error:|_LITERAL|undefined/);
    });
  }
  test('their messages are as they were', () => {
    const all = [...shown].map(([name, message]) => `## ${name}\n${mistakes[name]}\n\n${message}\n`);
    expectGolden(new URL('golden/mistakes.txt', import.meta.url), all.join('\n'));
  });
});
