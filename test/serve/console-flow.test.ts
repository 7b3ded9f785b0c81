import { describe, expect, it } from 'vitest';
import { layOutFlow } from '../../engine/serve/console/flow-layout.ts';
import { parseFilter, withFacet } from '../../engine/serve/console/query-filter.ts';
import type { OverviewSnapshot, QueryEntry } from '../../engine/status/api-types.ts';

function query(id: string, reads: readonly string[] = ['spans'], writes: readonly string[] = ['store']): QueryEntry {
  return {
    id,
    name: id.split('/').at(-1) ?? id,
    file: `${id}.sql`,
    line: 1,
    reads,
    writes,
    status: 'ok',
    error: null,
    bound: 1000,
    open: 0,
    sev: null,
  };
}

function snapshot(queries: readonly QueryEntry[]): Pick<OverviewSnapshot, 'sources' | 'queries' | 'sinks'> {
  const calm = { error: null, waiting: null, waits: 0, rejectingSince: null, unknownFields: [] };
  const source = (id: string) => ({ id, kind: 'Generator', at: '', file: '', line: 1, status: 'active' as const, ...calm });
  return { queries, sources: ['spans', 'logs'].map(source), sinks: [{ id: 'store', kind: 'Data folder', at: '' }] };
}

describe('the flow diagram', () => {
  it('draws a node per query, none over another, and a link per read and write', () => {
    const layout = layOutFlow(snapshot([query('a/one'), query('a/two', ['a/one']), query('b/three', ['spans', 'logs'])]));
    expect(layout.folded).toBe(false);
    expect(layout.links.map(({ from, to }) => `${from} > ${to}`)).toEqual([
      'source spans > group 0',
      'group 0 > sink store',
      'group 0 > group 1',
      'group 1 > sink store',
      'source spans > group 2',
      'source logs > group 2',
      'group 2 > sink store',
    ]);
    for (const column of [0, 1, 2]) {
      const nodes = layout.nodes.filter((node) => node.column === column).sort((x, y) => x.top - y.top);
      for (const [index, node] of nodes.entries()) {
        expect(node.top + node.height).toBeLessThanOrEqual(nodes[index + 1]?.top ?? layout.height);
      }
    }
  });

  it('folds many queries into folders and many folders into one more', () => {
    const many = Array.from({ length: 300 }, (_, index) => query(`folder${index % 30}/view${index}`));
    const layout = layOutFlow(snapshot(many));
    const groups = layout.nodes.filter((node) => node.column === 1);
    expect(layout.folded).toBe(true);
    expect(groups).toHaveLength(14);
    expect(groups.at(-1)?.label).toBe('17 more folders');
    expect(groups.flatMap((group) => group.queries)).toHaveLength(300);
  });
});

describe('the filter of queries', () => {
  const facts = {
    entry: query('http/Error_ratio', ['spans']),
    state: 'behind' as const,
    values: { in: 1200, out: 3, late: 0, cpu: 7.5, state: 86, behind: 14 },
  };

  it.each([
    ['', true],
    ['error', true],
    ['error http', true],
    ['other', false],
    ['state:behind cpu>5', true],
    ['state:ok', false],
    ['folder:http source:spans', true],
    ['folder:host', false],
    ['behind>20', false],
    ['state>80', true],
    ['in<1000', false],
  ])('%s', (text, matches) => {
    expect(parseFilter(text)(facts)).toBe(matches);
  });

  it('takes facets in and out', () => {
    expect(withFacet('error state:ok', 'state', 'behind')).toBe('error state:behind');
    expect(withFacet('error state:ok', 'state', null)).toBe('error');
  });
});
