import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { Catalog } from '../plan/catalog.ts';
import { typeName } from '../plan/type-name.ts';
import { streamsOf } from '../run/streams.ts';
import type { CatalogAnswer, CatalogTable } from '../status/api-types.ts';

/** Tables that ad-hoc SQL can ask, and the sources that it cannot because they keep no rows. */
export function catalogAnswer(catalog: Catalog, gen: number): CatalogAnswer {
  const streams = streamsOf(catalog);
  const stored = new Set(streams.map((stream) => stream.name));
  const tables = streams.map(({ name, columns }) => describe(name, columns, catalog));
  const others = [...catalog.sources.values()].filter((source) => source.role === 'source' && !stored.has(source.name));
  const unstored = others.map(({ name, columns, file, line }) => ({
    name,
    kind: 'source' as const,
    stored: false,
    columns: named(columns),
    file,
    line,
  }));
  return { gen, tables: [...tables, ...unstored] };
}

function describe(name: string, columns: readonly ColumnSpec[], catalog: Catalog): CatalogTable {
  const view = catalog.queries.find((query) => query.kind === 'view' && query.name === name);
  const kind = view !== undefined ? 'view' : catalog.sources.has(name) ? 'source' : name.endsWith('__late') ? 'late' : 'rejected';
  const owner = view ?? catalog.sources.get(name) ?? catalog.sources.get(name.replace(/__(late|rejected)$/, ''));
  return { name, kind, stored: true, columns: named(columns), file: owner?.file ?? '', line: owner?.line ?? 0 };
}

function named(columns: readonly ColumnSpec[]): { name: string; type: string }[] {
  return columns.map((column) => ({ name: column.name, type: typeName(column.type) }));
}
