import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Catalog } from '../../engine/plan/catalog.ts';
import { CatalogCut } from '../../engine/plan/fragments/cut-catalog.ts';
import type { Fragment } from '../../engine/plan/fragments/fragment.ts';
import { printPlan } from '../../engine/plan/print-plan.ts';
import { nodesOf } from '../../engine/plan/walk-plan.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { readQueryFiles } from '../../engine/sql/read-query-files.ts';
import { fixtureEnvironment } from './fixture-connectors.ts';
import { expectGolden } from './golden.ts';

async function load(set: string): Promise<Catalog> {
  const folder = fileURLToPath(new URL(`queries/${set}`, import.meta.url));
  return (await loadCatalog((await readQueryFiles([folder])).files, fixtureEnvironment)).catalog;
}

function describeFragment({ definition, exchange, single, operators, paces }: Fragment): string {
  const keys = exchange?.keys.map((key) => `${definition.schema[key]?.name}${key < exchange.sent ? '' : ' (not sent)'}`) ?? [];
  const where =
    exchange === null
      ? `result${paces.map((pace) => `, held back by ${pace}`).join('')}`
      : keys.length === 0
        ? 'to one lane'
        : `by ${keys.join(', ')}`;
  const nodes = operators.map(({ node, rowsIn, rowsOut }) => `${node ?? '-'}${rowsIn === rowsOut ? '' : rowsIn ? ' in' : ' out'}`);
  return `${definition.name}: ${where}${single ? ', made in one lane' : ''}; operators ${nodes.join(', ')}\n${printPlan(definition, Number.POSITIVE_INFINITY)}\n`;
}

for (const set of ['monitoring', 'nexmark']) {
  test(`${set} is cut where rows must meet`, async () => {
    const catalog = await load(set);
    const cut = new CatalogCut(catalog);
    const text = catalog.queries.map((query) => {
      const fragments = cut.cut(query);
      const counted = new Set(fragments.flatMap(({ operators }) => operators.filter(({ rowsIn }) => rowsIn).map(({ node }) => node)));
      expect(
        [...nodesOf(query.plan)].filter(({ id }) => !counted.has(id)),
        query.id,
      ).toEqual([]);
      return `== ${query.id}\n${fragments.map(describeFragment).join('\n')}`;
    });
    expectGolden(new URL(`golden/fragments/${set}.txt`, import.meta.url), text.join('\n'));
  });
}
