import type { OverviewSnapshot, OverviewTick } from '../../status/api-types.ts';
import { countOf, formatNumber } from '../../status/format-number.ts';
import { queryHref } from './api.ts';
import { element, setAttribute, setClass, setText, svg } from './dom.ts';
import { type FlowLayout, type FlowLink, type FlowNode, layOutFlow } from './flow-layout.ts';
import { markOf, toneOf } from './status-mark.ts';

interface DrawnNode {
  readonly node: FlowNode;
  readonly root: SVGElement;
  readonly name: SVGTextElement;
  readonly shape: SVGPathElement;
  readonly rate: SVGTextElement;
}

const labelCharactersMax = 31;
const triangle = 'm0 -5.4 5.2 9.6h-10.4z';
const diamond = 'm0 -5.2 5.2 5.2-5.2 5.2-5.2-5.2z';

/** Sources, queries and where results go; ribbons as wide as the square root of the rate. Colour carries state only. */
export class FlowDiagram {
  readonly root: HTMLElement;
  #snapshot: OverviewSnapshot;
  readonly #layout: FlowLayout;
  readonly #nodes: readonly DrawnNode[];
  readonly #ribbons: readonly { readonly link: FlowLink; readonly path: SVGPathElement }[];
  readonly #frame: HTMLElement;

  constructor(snapshot: OverviewSnapshot) {
    this.#snapshot = snapshot;
    this.#layout = layOutFlow(snapshot);
    const { width, height, headings, nodes, links } = this.#layout;
    this.#ribbons = links.map((link) => ({ link, path: svg('path', { class: 'ribbon', d: link.path }) }));
    this.#nodes = nodes.map((node) => this.#draw(node));
    const drawing = svg(
      'svg',
      { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'Flow from sources through queries to where results go' },
      ...headings.map(({ text, left }) => svg('text', { class: 'caption', x: left, y: 9 }, text)),
      svg('g', {}, ...this.#ribbons.map(({ path }) => path)),
      ...this.#nodes.map(({ root }) => root),
    );
    this.#frame = element('div', { class: 'flow' }, drawing);
    this.root = element(
      'section',
      { class: 'card flow-card' },
      element('header', {}, element('h2', {}, 'Flow'), element('span', { class: 'muted' }, 'events a second')),
      this.#frame,
    );
  }

  update(tick: OverviewTick): void {
    for (const drawn of this.#nodes) this.#updateNode(drawn, tick);
    for (const { link, path } of this.#ribbons) {
      const values = link.out ? tick.q.out : tick.q.in;
      const rate = link.queries.reduce((sum, query) => sum + (values[query] ?? 0) / (link.out ? 1 : this.#readsOf(query)), 0);
      setAttribute(path, 'stroke-width', Math.max(1.5, Math.min(9, Math.sqrt(rate) / 17)).toFixed(1));
      const troubled = !this.#layout.folded && !link.out && link.queries.some((query) => tick.q.status[query] === 'behind');
      const picked = path.classList.contains('picked') ? ' picked' : '';
      setClass(path, `ribbon${troubled ? ' warning' : ''}${picked}`);
    }
  }

  /** The same queries, told anew: severities. */
  refresh(snapshot: OverviewSnapshot): void {
    this.#snapshot = snapshot;
  }

  #readsOf(query: number): number {
    return this.#snapshot.queries[query]?.reads.length || 1;
  }

  #updateNode({ node, root, name, shape, rate }: DrawnNode, tick: OverviewTick): void {
    setText(rate, this.#rateText(node, tick));
    if (node.column === 2) return;
    const tone = node.column === 0 ? sourceTone(tick.src.status[node.index]) : this.#queryTone(node, tick);
    setClass(root, `node ${tone}`);
    setClass(shape, `shape ${tone}`);
    setAttribute(
      shape,
      'd',
      tone === '' ? 'M0 0' : `M${node.left + 15} ${node.top + (node.column === 1 ? 12.5 : 13)}${tone === 'warning' ? triangle : diamond}`,
    );
    setAttribute(name, 'x', String(node.left + (tone === '' ? 10 : 26)));
  }

  #queryTone(node: FlowNode, tick: OverviewTick): '' | 'warning' | 'critical' {
    const tones = node.queries.map((query) =>
      toneOf(markOf(tick.q.status[query] ?? 'starting', this.#snapshot.queries[query]?.sev ?? null)),
    );
    return tones.includes('critical') ? 'critical' : tones.includes('warning') ? 'warning' : '';
  }

  #rateText(node: FlowNode, tick: OverviewTick): string {
    if (node.column === 0) return formatNumber(tick.src.in[node.index]);
    if (node.column === 1) {
      if (this.#layout.folded) return countOf(node.queries.length, 'query', 'queries');
      return formatNumber(sum(node.queries.map((query) => tick.q.in[query])));
    }
    const writers = this.#snapshot.queries.flatMap((query, index) => (query.writes.includes(node.label) ? [index] : []));
    return formatNumber(sum(writers.map((query) => tick.q.out[query])));
  }

  #draw(node: FlowNode): DrawnNode {
    const baseline = node.top + (node.column === 1 ? 16.5 : 17);
    const name = svg('text', { class: 'name', x: node.left + 10, y: baseline }, ...labelParts(node));
    const rate = svg('text', { class: 'rate live-value', x: node.left + node.width - 10, y: baseline });
    const shape = svg('path', { class: 'shape' });
    const box = svg('rect', { x: node.left, y: node.top, width: node.width, height: node.height, rx: 6 });
    const caption = node.caption === '' ? null : svg('text', { class: 'caption', x: node.left + 10, y: node.top + 32 }, node.caption);
    const title = svg('title', {}, this.#titleOf(node));
    const href = this.#hrefOf(node);
    const root = svg(
      href === null ? 'g' : 'a',
      { class: 'node', ...(href === null ? {} : { href }) },
      title,
      box,
      shape,
      name,
      rate,
      caption,
    );
    const pick = (key: string | null) => () => this.#pick(key);
    root.addEventListener('pointerenter', pick(node.key));
    root.addEventListener('pointerleave', pick(null));
    root.addEventListener('focus', pick(node.key));
    root.addEventListener('blur', pick(null));
    return { node, root, name, shape, rate };
  }

  #pick(key: string | null): void {
    this.#frame.classList.toggle('picking', key !== null);
    for (const { link, path } of this.#ribbons) path.classList.toggle('picked', key !== null && (link.from === key || link.to === key));
  }

  #hrefOf(node: FlowNode): string | null {
    if (node.column !== 1) return null;
    if (node.folder !== null) return `/queries?filter=${encodeURIComponent(`folder:${node.folder}`)}`;
    const only = node.queries.length === 1 ? this.#snapshot.queries[node.queries[0] as number] : undefined;
    return only === undefined ? '/queries' : queryHref(only.id);
  }

  #titleOf(node: FlowNode): string {
    if (node.column === 0) {
      const source = this.#snapshot.sources[node.index];
      return `${node.label}: ${source?.kind ?? ''} ${source?.at ?? ''}`.trim();
    }
    if (node.column === 2) return this.#snapshot.sinks[node.index]?.at ?? node.label;
    return node.queries.length === 1 ? (this.#snapshot.queries[node.queries[0] as number]?.file ?? node.label) : node.label;
  }
}

function sourceTone(state: string | undefined): '' | 'critical' {
  return state === 'failed' || state === 'waiting' ? 'critical' : '';
}

function labelParts(node: FlowNode): (SVGElement | string)[] {
  const label =
    node.label.length > labelCharactersMax ? `${node.label.slice(0, 14)}…${node.label.slice(-(labelCharactersMax - 15))}` : node.label;
  const cut = node.column === 1 && node.folder === null ? label.lastIndexOf('/') + 1 : 0;
  return cut === 0 ? [label] : [svg('tspan', { class: 'folder' }, label.slice(0, cut)), label.slice(cut)];
}

function sum(values: readonly (number | null | undefined)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}
