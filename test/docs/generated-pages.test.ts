import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectors } from '../../connectors/registry.ts';
import { renderDocPages } from '../../engine/cli/doc-pages.ts';
import { alertOptions, sinkOptions, sourceOptions, tableOptions, viewOptions } from '../../engine/sql/table-options.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const allOptions = [
  tableOptions,
  sourceOptions,
  sinkOptions,
  viewOptions,
  alertOptions,
  ...[...connectors.values()].map(({ options }) => options),
];

describe('generated pages', () => {
  for (const [name, text] of renderDocPages()) {
    it(`docs/${name} is what the declarations say (else: npm run docs)`, () => {
      expect(readFileSync(resolve(docs, name), 'utf8')).toBe(text);
    });
  }

  it('describe every option in a sentence', () => {
    const faulty = allOptions.flatMap((options) =>
      Object.entries(options)
        .filter(([, spec]) => !/^[A-Z`].*\.$/s.test(spec.description))
        .map(([name]) => name),
    );
    expect(faulty).toEqual([]);
  });

  it('give a choice its choices, and defaults that are among them', () => {
    const faulty = allOptions.flatMap((options) =>
      Object.entries(options)
        .filter(
          ([, spec]) =>
            (spec.type === 'choice') !== (spec.choices !== undefined) ||
            (spec.choices && spec.default && !spec.choices.includes(spec.default)),
        )
        .map(([name]) => name),
    );
    expect(faulty).toEqual([]);
  });
});
