import type { OverviewSnapshot, OverviewTick, QueryEntry } from '../../status/api-types.ts';
import { element, setAttribute, setText } from './dom.ts';
import { type FilterFacts, parseFilter } from './query-filter.ts';
import { QueryRow } from './query-row.ts';
import { markOf } from './status-mark.ts';

type ColumnName = 'name' | 'in' | 'spark' | 'out' | 'lag' | 'late' | 'state' | 'cpu' | 'status';
interface Column {
  readonly name: ColumnName;
  readonly title: string;
  readonly classes: string;
}

const columns: readonly Column[] = [
  { name: 'name', title: 'Query', classes: '' },
  { name: 'in', title: 'In', classes: 'right' },
  { name: 'spark', title: 'Last minute', classes: 'phone-hidden wide-only' },
  { name: 'out', title: 'Out', classes: 'right phone-hidden' },
  { name: 'lag', title: 'Behind', classes: 'right' },
  { name: 'late', title: 'Late', classes: 'right phone-hidden' },
  { name: 'state', title: 'State of bound', classes: 'right phone-hidden' },
  { name: 'cpu', title: 'CPU', classes: 'right phone-hidden' },
  { name: 'status', title: 'Status', classes: 'phone-hidden' },
];
/** Rows move at most this often, and never under the pointer or the focus. */
const sortMsMin = 2_000;
const allShownMax = 30;

export class QueryTable {
  readonly root: HTMLElement;
  readonly search: HTMLInputElement;
  onFilter: (text: string) => void = () => undefined;
  readonly #rows: readonly QueryRow[];
  readonly #body = element('tbody');
  readonly #count = element('span', { class: 'muted' });
  readonly #heads = new Map<ColumnName, HTMLTableCellElement>();
  readonly #empty = element('p', { class: 'nothing' }, 'No query matches the filter.');
  readonly #visible: IntersectionObserver;
  #snapshot: OverviewSnapshot;
  #tick: OverviewTick;
  #sort: { readonly column: ColumnName; readonly direction: 1 | -1 } = { column: 'status', direction: -1 };
  #order = '';
  #sortedAt = 0;

  constructor(snapshot: OverviewSnapshot, filter = '') {
    this.#snapshot = snapshot;
    this.#tick = snapshot.tick;
    const { q } = snapshot.history;
    this.#rows = snapshot.queries.map((entry, index) => new QueryRow(entry, index, q.in[index - q.rows[0]] ?? []));
    this.search = element('input', {
      class: 'field push',
      type: 'search',
      placeholder: 'Filter queries  /',
      'aria-label': 'Filter queries: words of the name, state:behind, folder:demo, source:spans, cpu>5',
      title: 'Words of the name, state:behind, folder:demo, source:spans, cpu>5',
      value: filter,
      input: () => {
        this.#arrange();
        this.onFilter(this.search.value);
      },
    });
    this.#visible = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: '120px' });
    // A short table is drawn whole; of a long one only the rows in view.
    for (const row of this.#rows) {
      if (this.#rows.length <= allShownMax) row.visible = true;
      else this.#visible.observe(row.root);
    }
    this.root = this.#build();
    this.#arrange();
  }

  update(tick: OverviewTick): void {
    this.#tick = tick;
    for (const row of this.#rows) row.update(tick, row.entry);
    const now = performance.now();
    if (now - this.#sortedAt < sortMsMin || this.#body.matches(':hover') || this.#body.contains(document.activeElement)) return;
    this.#arrange();
  }

  /** What the snapshot says anew of the same queries: severities. */
  refresh(snapshot: OverviewSnapshot): void {
    this.#snapshot = snapshot;
    for (const row of this.#rows) row.entry = this.#snapshot.queries[row.index] as QueryEntry;
  }

  setFilter(text: string): void {
    this.search.value = text;
    this.#arrange();
  }

  redraw(): void {
    for (const row of this.#rows) row.redraw();
  }

  destroy(): void {
    this.#visible.disconnect();
  }

  #build(): HTMLElement {
    const heads = columns.map(({ name, title, classes }) => {
      const button = element('button', { type: 'button', click: () => this.#sortBy(name) }, title);
      const head = element('th', { class: classes, scope: 'col' }, name === 'spark' ? title : button);
      this.#heads.set(name, head);
      return head;
    });
    const table = element(
      'table',
      {},
      element('caption', { class: 'hidden-text' }, 'Queries'),
      element('colgroup', {}, ...columns.map(({ name, classes }) => element('col', { class: `col-${name} ${classes}` }))),
      element('thead', {}, element('tr', {}, ...heads)),
      this.#body,
    );
    const short = this.#rows.length <= allShownMax ? ' short' : '';
    return element(
      'section',
      { class: `card queries${short}` },
      element('header', {}, element('h2', {}, 'Queries'), this.#count, this.search),
      element('div', { class: 'table-frame', tabindex: short === '' ? 0 : null }, table),
      this.#empty,
    );
  }

  #sortBy(column: ColumnName): void {
    const first = column === 'name' ? 1 : -1;
    this.#sort = { column, direction: this.#sort.column === column ? (-this.#sort.direction as 1 | -1) : first };
    this.#arrange();
  }

  #arrange(): void {
    this.#sortedAt = performance.now();
    const { column, direction } = this.#sort;
    for (const [name, head] of this.#heads)
      setAttribute(head, 'aria-sort', name !== column ? null : direction < 0 ? 'descending' : 'ascending');
    const test = parseFilter(this.search.value);
    const shown = this.#rows.filter((row) => test(this.#facts(row)));
    const sorted = shown
      .map((row) => ({ row, value: this.#value(row, column) }))
      .sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0) * direction || a.row.index - b.row.index)
      .map(({ row }) => row.root);
    setText(this.#count, shown.length === this.#rows.length ? String(this.#rows.length) : `${shown.length} of ${this.#rows.length}`);
    this.#empty.hidden = shown.length > 0 || this.#rows.length === 0;
    const order = shown.length === 0 ? '' : sorted.map((row) => row.dataset.href).join();
    if (order === this.#order && this.#body.childElementCount === sorted.length) return;
    this.#order = order;
    this.#body.replaceChildren(...sorted);
  }

  /** Rows of the default order: critical, behind, warning, the rest; within each by CPU. */
  #value({ entry, index }: QueryRow, column: ColumnName): number | string {
    const { q } = this.#tick;
    if (column === 'name') return entry.id;
    if (column === 'status') {
      const rank = { critical: 4, warning: 3, info: 2, ok: 1, closed: 0 }[markOf(q.status[index] ?? 'starting', entry.sev)];
      return rank * 1e6 + Math.round((q.cpu[index] ?? 0) / 5);
    }
    if (column === 'state') return (q.state[index] ?? 0) / (entry.bound || 1);
    return (column === 'spark' ? q.in : q[column])[index] ?? -1;
  }

  #facts({ entry, index }: QueryRow): FilterFacts {
    const { q } = this.#tick;
    const lag = q.lag[index] ?? null;
    const values = {
      in: q.in[index] ?? null,
      out: q.out[index] ?? null,
      late: q.late[index] ?? null,
      cpu: q.cpu[index] ?? null,
      state: entry.bound > 0 ? ((q.state[index] ?? 0) / entry.bound) * 100 : null,
      behind: lag === null ? null : lag / 1000,
    };
    return { entry, state: q.status[index] ?? 'starting', values };
  }

  #seen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const row = this.#rows.find((each) => each.root === target);
      if (row === undefined) continue;
      row.visible = isIntersecting;
      if (isIntersecting) row.update(this.#tick, row.entry);
    }
  }
}
