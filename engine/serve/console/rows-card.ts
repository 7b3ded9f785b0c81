import type { QueryPage, RowsMessage } from '../../status/api-types.ts';
import { countOf } from '../../status/format-number.ts';
import { agoText, engineNow, momentText } from './clock.ts';
import { element, setAttribute, setText } from './dom.ts';
import { columnFormat, parseTime, plain, resultFormat } from './value-format.ts';

export type RowKey = readonly (readonly [column: string, value: string | null])[];
type Row = readonly unknown[];

const rowsMax = 200;
/** Rows are put in order and drawn at most this often. */
const drawMsMin = 500;

/** The newest row of each key, newest first; without keys the newest rows. The table is the chart's legend: a row chooses its series. */
export class RowsCard {
  readonly root: HTMLElement;
  onPick: (key: RowKey) => void = () => undefined;
  readonly #page: QueryPage;
  readonly #keyIndexes: readonly number[];
  readonly #timeIndex: number;
  readonly #body = element('tbody');
  readonly #note = element('span', { class: 'muted' });
  readonly #chip = element('button', { class: 'chip push', type: 'button', hidden: true });
  readonly #frame: HTMLElement;
  #rows: Map<string, Row>;
  #waiting: Row[] = [];
  #leaving: Row[] = [];
  #newer = 0;
  #held = false;
  #picked: string | null = null;
  #drawnAt = 0;
  #timer = 0;

  constructor(page: QueryPage) {
    this.#page = page;
    const names = page.columns.map(([name]) => name);
    this.#keyIndexes = page.keys.map((key) => names.indexOf(key));
    this.#timeIndex = page.time === null ? -1 : names.indexOf(page.time);
    this.#rows = new Map();
    this.#add([...page.rows].reverse());
    const heads = page.columns.map(([name, type]) =>
      element('th', { scope: 'col', title: type, class: columnFormat(type, []).numeric ? 'right' : '' }, name),
    );
    const table = element(
      'table',
      {},
      element('caption', { class: 'hidden-text' }, 'Newest results'),
      element('thead', {}, element('tr', {}, ...heads)),
      this.#body,
    );
    this.#frame = element('div', { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': 'Newest results' }, table);
    const title = page.keys.length > 0 ? 'Latest results' : 'Newest rows';
    this.root = element(
      'section',
      { class: 'card rows-card' },
      element('header', {}, element('h2', {}, title), this.#note, this.#chip),
      this.#frame,
    );
    this.root.addEventListener('pointerenter', () => this.#hold(true));
    this.root.addEventListener('pointerleave', () => this.#hold(this.#frame.scrollTop > 0));
    this.#frame.addEventListener('scroll', () => this.#hold(this.#frame.scrollTop > 0 || this.root.matches(':hover')));
    this.#chip.addEventListener('click', () => this.#resume());
    this.draw();
  }

  receive({ up, del, dropped }: RowsMessage): void {
    for (const row of del) {
      const text = JSON.stringify(row);
      const index = this.#waiting.findLastIndex((each) => JSON.stringify(each) === text);
      if (index >= 0) this.#waiting.splice(index, 1);
      else this.#leaving.push(row);
    }
    if (this.#leaving.length > rowsMax) this.#leaving = this.#leaving.slice(-rowsMax);
    this.#waiting.push(...up);
    if (this.#waiting.length > rowsMax) this.#waiting = this.#waiting.slice(-rowsMax);
    this.#newer += up.length + dropped;
    if (this.#held) {
      this.#showChip();
      return;
    }
    if (this.#timer === 0)
      this.#timer = window.setTimeout(() => this.#flush(), Math.max(0, drawMsMin - (performance.now() - this.#drawnAt)));
  }

  pick(key: RowKey): void {
    this.#picked = key.length === 0 ? null : JSON.stringify(key.map(([, value]) => value));
    for (const row of this.#body.rows) this.#mark(row);
  }

  /** The age in the header. */
  tick(): void {
    setText(this.#note, this.#noteText());
  }

  draw(): void {
    this.#drawnAt = performance.now();
    const rows = this.#sorted();
    if (rows.length === 0) {
      this.#showNothing();
      return;
    }
    const formats = this.#page.columns.map(([, type], column) =>
      resultFormat(
        this.#page.columns[column]?.[0] ?? '',
        type,
        rows.map((row) => row[column]),
      ),
    );
    this.#body.replaceChildren(
      ...rows.map((row) => {
        const cells = row.map((value, column) => {
          const format = formats[column];
          const classes = value === null ? 'null' : format?.numeric ? 'right' : this.#keyIndexes[0] === column ? 'key' : '';
          const text = format?.text(value) ?? plain(value);
          return element('td', { class: classes, title: text.length > 40 ? text : null }, text);
        });
        return this.#tableRow(row, cells);
      }),
    );
    this.tick();
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  #tableRow(row: Row, cells: HTMLElement[]): HTMLTableRowElement {
    if (this.#keyIndexes.length === 0) return element('tr', {}, ...cells);
    const key = this.#keyIndexes.map((index, at) => [this.#page.keys[at] as string, textOf(row[index])] as const);
    const choose = () => {
      this.pick(key);
      this.onPick(key);
    };
    const made = element('tr', { tabindex: 0, 'data-key': this.#keyOf(row), click: choose }, ...cells);
    made.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      choose();
    });
    this.#mark(made);
    return made;
  }

  #mark(row: HTMLTableRowElement): void {
    setAttribute(row, 'aria-selected', row.dataset.key === undefined ? null : String(row.dataset.key === this.#picked));
  }

  /** Oldest first. */
  #add(rows: readonly Row[]): void {
    for (const row of rows) {
      const key = this.#keyIndexes.length > 0 ? this.#keyOf(row) : `${performance.now()} ${this.#rows.size} ${Math.random()}`;
      this.#rows.delete(key);
      this.#rows.set(key, row);
    }
    for (const key of this.#rows.keys()) {
      if (this.#rows.size <= rowsMax) break;
      this.#rows.delete(key);
    }
  }

  #remove(row: Row): void {
    const text = JSON.stringify(row);
    for (const [key, shown] of this.#rows) {
      if (JSON.stringify(shown) !== text) continue;
      this.#rows.delete(key);
      return;
    }
  }

  #sorted(): Row[] {
    const newestFirst = [...this.#rows.values()].reverse();
    if (this.#timeIndex < 0) return newestFirst;
    const order = newestFirst.map((row) => ({ row, time: parseTime(row[this.#timeIndex]) ?? 0, key: this.#keyOf(row) }));
    const byKey = this.#keyIndexes.length > 0;
    return order.sort((a, b) => b.time - a.time || (byKey ? (a.key < b.key ? -1 : 1) : 0)).map(({ row }) => row);
  }

  #keyOf(row: Row): string {
    return JSON.stringify(this.#keyIndexes.map((index) => textOf(row[index])));
  }

  #flush(): void {
    this.#timer = 0;
    if (this.#held) return;
    for (const row of this.#leaving) this.#remove(row);
    this.#leaving = [];
    this.#add(this.#waiting);
    this.#waiting = [];
    this.#newer = 0;
    const focused = document.activeElement instanceof HTMLTableRowElement ? document.activeElement.dataset.key : undefined;
    this.draw();
    if (focused !== undefined) [...this.#body.rows].find((row) => row.dataset.key === focused)?.focus({ preventScroll: true });
  }

  #hold(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    if (!held) this.#resume();
  }

  #resume(): void {
    this.#held = false;
    this.#chip.hidden = true;
    this.#frame.scrollTop = 0;
    if (this.#waiting.length + this.#leaving.length > 0) this.#flush();
  }

  #showChip(): void {
    this.#chip.hidden = this.#newer === 0;
    setText(this.#chip, `Paused, ${countOf(this.#newer, 'newer row')}`);
  }

  #showNothing(): void {
    const { columns, rowsError } = this.#page;
    const words = rowsError ?? 'No results yet. The first come when its first window closes, or its first row matches.';
    this.#body.replaceChildren(element('tr', {}, element('td', { colspan: columns.length, class: 'muted' }, words)));
    setText(this.#note, '');
  }

  #noteText(): string {
    const newest = this.#sorted()[0];
    const at = newest === undefined || this.#timeIndex < 0 ? null : parseTime(newest[this.#timeIndex]);
    if (at === null) return '';
    const names = this.#page.columns.map(([name]) => name);
    const end = parseTime(newest?.[names.indexOf('window_end')]) ?? null;
    const start = parseTime(newest?.[names.indexOf('window_start')]) ?? null;
    const age = engineNow() - (end ?? at);
    const old = age > 1_000 && age < 400 * 86_400_000 ? `, ${agoText(end ?? at)} ago` : '';
    if (start !== null && end !== null) return `newest window ${momentText(start)} to ${momentText(end)}${old}`;
    return `newest ${momentText(at)}${old}`;
  }
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
