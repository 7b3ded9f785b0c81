import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

function codesUnder(folder: string): Set<string> {
  const codes = new Set<string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    for (const [, code] of readFileSync(join(entry.parentPath, entry.name), 'utf8').matchAll(/'([EW]0\d{3})'/g)) codes.add(code ?? '');
  }
  return codes;
}

test('docs/errors.md has a section for every code and no others', () => {
  const documented = [...readFileSync(join(root, 'docs', 'errors.md'), 'utf8').matchAll(/^### ([EW]\d{4}) /gm)].map((match) => match[1]);
  expect(documented).toEqual([...new Set(documented)]);
  expect([...documented].sort()).toEqual([...codesUnder(join(root, 'engine'))].sort());
});
