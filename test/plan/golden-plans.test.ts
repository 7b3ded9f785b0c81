import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { printPlan } from '../../engine/plan/print-plan.ts';
import { renderDiagnostics } from '../../engine/sql/diagnostic-text.ts';
import { type LoadedCatalog, loadCatalog } from '../../engine/sql/load-catalog.ts';
import { readQueryFiles } from '../../engine/sql/read-query-files.ts';
import { fixtureEnvironment } from './fixture-connectors.ts';
import { expectGolden } from './golden.ts';
import { schemaText } from './plan-to-sql.ts';

async function load(set: string): Promise<{ loaded: LoadedCatalog; paths: readonly string[] }> {
  const folder = fileURLToPath(new URL(`queries/${set}`, import.meta.url));
  const { files } = await readQueryFiles([folder]);
  const relative = files.map((file) => ({ ...file, path: file.path.slice(folder.length - set.length) }));
  return { loaded: await loadCatalog(relative, fixtureEnvironment), paths: relative.map((file) => file.path) };
}

function describeFile(path: string, { catalog, diagnostics }: LoadedCatalog): string {
  const queries = catalog.queries.filter((query) => query.file === path);
  const parts = queries.map((query) => {
    const behind = query.eventTime === null ? 'no event time' : `event time ${query.eventTime}, ${query.eventTimeDelayMicros} us behind`;
    return `${query.id} (${query.kind}, emit ${query.options.emit}; ${behind}; reads ${query.reads.join(', ')})\n${schemaText(query.plan)}\n\n${printPlan(query, Number.POSITIVE_INFINITY)}\n`;
  });
  const faults = diagnostics.filter((each) => each.file === path);
  return [...parts, ...(faults.length === 0 ? [] : [`${renderDiagnostics(faults)}\n`])].join('\n');
}

for (const set of ['monitoring', 'nexmark']) {
  describe(set, async () => {
    const { loaded, paths } = await load(set);
    const withQueries = paths.filter((path) => !path.endsWith('00_sources.sql'));
    for (const path of withQueries) {
      test(path, () => {
        expect(loaded.catalog.queries.some((query) => query.file === path)).toBe(true);
        expectGolden(new URL(`golden/${path.replace(/\.sql$/, '.txt')}`, import.meta.url), describeFile(path, loaded));
      });
    }
    test('every query comes out as a plan, numbered from its scans', () => {
      expect(loaded.catalog.queries.length).toBe(set === 'monitoring' ? 17 : 23);
      for (const { plan, bounds } of loaded.catalog.queries)
        expect(bounds.map((bound) => bound.node)).toEqual(bounds.map((_, index) => index).slice(0, plan.id + 1));
    });
  });
}
