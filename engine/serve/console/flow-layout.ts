import type { OverviewSnapshot, QueryEntry } from '../../status/api-types.ts';

/** Up to here every query is a node; above, folders are. */
const queriesDrawnMax = 20;
const foldersDrawnMax = 14;
const width = 860;
const queryHeight = 25;
const endHeight = 40;
const top = 20;
const columns = [
  { left: 0, width: 190 },
  { left: 296, width: 272 },
  { left: width - 176, width: 176 },
] as const;
const heightMin = 250;

export interface FlowNode {
  readonly key: string;
  readonly column: 0 | 1 | 2;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly caption: string;
  /** Indexes of its queries; empty for sources and sinks. */
  readonly queries: readonly number[];
  /** Index of its source or sink; -1 for queries. */
  readonly index: number;
  readonly folder: string | null;
}

export interface FlowLink {
  readonly from: string;
  readonly to: string;
  readonly path: string;
  /** The queries whose rows flow here; `out`: their results, else their input. */
  readonly queries: readonly number[];
  readonly out: boolean;
}

export interface FlowLayout {
  readonly width: number;
  readonly height: number;
  readonly folded: boolean;
  readonly headings: readonly { readonly text: string; readonly left: number }[];
  readonly nodes: readonly FlowNode[];
  readonly links: readonly FlowLink[];
}

interface Group {
  readonly label: string;
  readonly queries: readonly number[];
  readonly folder: string | null;
}

/** Sources, queries and sinks in three columns with ribbons between them; pure geometry. */
export function layOutFlow({ sources, queries, sinks }: Pick<OverviewSnapshot, 'sources' | 'queries' | 'sinks'>): FlowLayout {
  const groups = groupQueries(queries);
  const folded = queries.length > queriesDrawnMax;
  const gap = groups.length > 12 ? 6 : 9.4;
  const height = Math.max(groups.length * (queryHeight + gap) - gap, sources.length * (endHeight + 8), heightMin);
  const ends = (count: number) => (index: number) => {
    const free = (height - count * endHeight) / (count + 1);
    return top + free * (index + 1) + index * endHeight;
  };
  const middle = (index: number) =>
    groups.length === 1 ? top + (height - queryHeight) / 2 : top + (index * (height - queryHeight)) / (groups.length - 1);
  const place = (column: 0 | 1 | 2, y: number) => ({ column, ...columns[column], top: y, height: column === 1 ? queryHeight : endHeight });
  const nodes: FlowNode[] = [
    ...sources.map(({ id, kind }, index) => ({
      key: `source ${id}`,
      label: id,
      caption: kind,
      queries: [],
      index,
      folder: null,
      ...place(0, ends(sources.length)(index)),
    })),
    ...groups.map(({ label, queries: of, folder }, index) => ({
      key: `group ${index}`,
      label,
      caption: '',
      queries: of,
      index: -1,
      folder,
      ...place(1, middle(index)),
    })),
    ...sinks.map(({ id, kind }, index) => ({
      key: `sink ${id}`,
      label: id,
      caption: kind,
      queries: [],
      index,
      folder: null,
      ...place(2, ends(sinks.length)(index)),
    })),
  ];
  const headings = [
    { text: 'Sources', left: 0 },
    { text: folded ? 'Folders' : 'Queries', left: columns[1].left },
    { text: 'Results go to', left: columns[2].left },
  ];
  return { width, height: height + top + 2, folded, headings, nodes, links: linkNodes(nodes, queries) };
}

function groupQueries(queries: readonly QueryEntry[]): Group[] {
  if (queries.length <= queriesDrawnMax) return queries.map((query, index) => ({ label: query.id, queries: [index], folder: null }));
  const folders = new Map<string, number[]>();
  for (const [index, { id }] of queries.entries()) {
    const folder = id.includes('/') ? (id.split('/')[0] as string) : '.';
    folders.set(folder, [...(folders.get(folder) ?? []), index]);
  }
  const troubled = (of: readonly number[]) => of.filter((index) => queries[index]?.sev !== null).length;
  const sorted = [...folders].sort((a, b) => troubled(b[1]) - troubled(a[1]) || b[1].length - a[1].length);
  const shown = new Set(sorted.slice(0, folders.size > foldersDrawnMax ? foldersDrawnMax - 1 : foldersDrawnMax).map(([name]) => name));
  const groups: Group[] = [...folders]
    .filter(([name]) => shown.has(name))
    .map(([name, of]) => ({ label: `${name}/`, queries: of, folder: name }));
  const rest = sorted.filter(([name]) => !shown.has(name));
  if (rest.length > 0) groups.push({ label: `${rest.length} more folders`, queries: rest.flatMap(([, of]) => of), folder: null });
  return groups;
}

function linkNodes(nodes: readonly FlowNode[], queries: readonly QueryEntry[]): FlowLink[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const groupOf = new Map<string, FlowNode>();
  for (const node of nodes) for (const index of node.queries) groupOf.set((queries[index] as QueryEntry).id, node);
  const found = new Map<string, { from: FlowNode; to: FlowNode; queries: number[]; out: boolean }>();
  const add = (from: FlowNode | undefined, to: FlowNode | undefined, query: number, out: boolean) => {
    if (from === undefined || to === undefined || from === to) return;
    const key = `${from.key}>${to.key}`;
    const link = found.get(key) ?? { from, to, queries: [], out };
    link.queries.push(query);
    found.set(key, link);
  };
  for (const [index, query] of queries.entries()) {
    const own = groupOf.get(query.id);
    for (const name of query.reads) add(byKey.get(`source ${name}`) ?? groupOf.get(name), own, index, false);
    for (const name of query.writes) add(own, byKey.get(`sink ${name}`), index, true);
  }
  const links = [...found.values()];
  return links.map((link) => ({ from: link.from.key, to: link.to.key, queries: link.queries, out: link.out, path: pathOf(link, links) }));
}

interface Ends {
  readonly from: FlowNode;
  readonly to: FlowNode;
}

function pathOf(link: Ends, links: readonly Ends[]): string {
  const y0 = portOf(
    link.from,
    link,
    links.filter((each) => each.from === link.from),
  );
  const y1 = portOf(
    link.to,
    link,
    links.filter((each) => each.to === link.to),
  );
  if (link.from.column === link.to.column) {
    const x = link.from.left;
    const bulge = x - 14 - Math.min(34, Math.abs(y1 - y0) * 0.12);
    return `M${x} ${y0}C${bulge} ${y0} ${bulge} ${y1} ${x} ${y1}`;
  }
  const x0 = link.from.left + link.from.width;
  const x1 = link.to.left;
  const middle = (x0 + x1) / 2;
  return `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`;
}

/** Ribbons leave a node spread over its side, in the order of their other ends, so that they do not cross at once. */
function portOf(node: FlowNode, link: Ends, links: readonly Ends[]): number {
  const sorted = [...links].sort((a, b) => a.from.top + a.to.top - (b.from.top + b.to.top));
  const at = sorted.indexOf(link);
  const spread = sorted.length > 1 ? (at / (sorted.length - 1) - 0.5) * (node.height - 9) : 0;
  return node.top + node.height / 2 + spread;
}
