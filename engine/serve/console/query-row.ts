import type { OverviewTick, QueryEntry } from '../../status/api-types.ts';
import { formatDuration } from '../../status/format-duration.ts';
import { formatNumber, formatPercent, missing, splitUnit } from '../../status/format-number.ts';
import { queryHref } from './api.ts';
import { element, hiddenText, setClass, setText } from './dom.ts';
import { drawSparkline, Recent } from './sparkline.ts';
import { markOf, stateWords, toneOf } from './status-mark.ts';

const sparklineSeconds = 60;
const pointMsMin = 900;
const stateShareWarned = 0.85;

interface UnitCell {
  readonly root: HTMLTableCellElement;
  readonly number: Text;
  readonly unit: HTMLElement;
}

/** One query in the table. Only rows in view are drawn. */
export class QueryRow {
  readonly root: HTMLTableRowElement;
  readonly index: number;
  entry: QueryEntry;
  visible = false;
  readonly #mark: HTMLElement;
  readonly #words = hiddenText('');
  readonly #in = unitCell('right');
  readonly #out = unitCell('right phone-hidden');
  readonly #lag = unitCell('right');
  readonly #late = unitCell('right phone-hidden');
  readonly #cpu = unitCell('right phone-hidden');
  readonly #share = element('span', { class: 'live-value' });
  readonly #fill = element('i');
  readonly #meter = element('span', { class: 'meter', 'aria-hidden': 'true' }, this.#fill);
  readonly #status = element('td', { class: 'status phone-hidden' });
  readonly #canvas = element('canvas', { 'aria-hidden': 'true', class: 'live-value' });
  readonly #recent: Recent;
  #pushedAt = 0;

  constructor(entry: QueryEntry, index: number, history: readonly (number | null)[]) {
    this.entry = entry;
    this.index = index;
    this.#recent = new Recent(sparklineSeconds, history);
    const cut = entry.id.lastIndexOf('/') + 1;
    const name = element(
      'span',
      {},
      element('span', { class: 'folder' }, entry.id.slice(0, cut)),
      element('span', { class: 'name' }, entry.id.slice(cut)),
      this.#words,
    );
    const href = queryHref(entry.id);
    this.#mark = element('a', { href, tabindex: -1, class: 'mark', title: `${entry.file}:${entry.line}` }, name);
    this.root = element(
      'tr',
      { tabindex: 0, 'data-href': href, click: (event: MouseEvent) => this.#open(event) },
      element('td', {}, this.#mark),
      this.#in.root,
      element('td', { class: 'phone-hidden wide-only' }, this.#canvas),
      this.#out.root,
      this.#lag.root,
      this.#late.root,
      element('td', { class: 'right phone-hidden' }, this.#share, this.#meter),
      this.#cpu.root,
      this.#status,
    );
  }

  update(tick: OverviewTick, entry: QueryEntry): void {
    const { q } = tick;
    const at = this.index - q.rows[0];
    if (at < 0 || at >= q.status.length) return;
    const now = performance.now();
    if (now - this.#pushedAt > pointMsMin) {
      this.#pushedAt = now;
      this.#recent.push(q.in[at] ?? null);
    }
    if (!this.visible) return;
    const state = q.status[at] ?? 'starting';
    const mark = markOf(state, entry.sev);
    setClass(this.#mark, `mark ${mark}`);
    const words = stateWords(state, q.lag[at] ?? null);
    setText(this.#words, `, ${words}`);
    setClass(this.#status, `status phone-hidden${toneOf(markOf(state)) === '' ? '' : ` tone-${toneOf(markOf(state))}`}`);
    setText(this.#status, words);
    fill(this.#in, formatNumber(q.in[at]));
    fill(this.#out, formatNumber(q.out[at]));
    fill(this.#lag, formatDuration(q.lag[at]));
    setClass(this.#lag.root, state === 'behind' ? 'right tone-warning' : 'right');
    fill(this.#late, formatNumber(q.late[at]));
    fill(this.#cpu, formatPercent((q.cpu[at] ?? Number.NaN) / 100));
    this.#showState(q.state[at] ?? null, entry.bound);
    this.redraw();
  }

  redraw(): void {
    if (this.visible) drawSparkline(this.#canvas, this.#recent.values, { filled: false });
  }

  #showState(bytes: number | null, bound: number): void {
    const share = bytes === null || bound <= 0 ? null : bytes / bound;
    setText(this.#share, share === null ? missing : formatPercent(share));
    this.#meter.hidden = share === null;
    this.#fill.style.transform = `scaleX(${Math.min(1, share ?? 0).toFixed(3)})`;
    setClass(this.#meter, share !== null && share >= stateShareWarned ? 'meter warning' : 'meter');
  }

  #open(event: MouseEvent): void {
    if (event.target instanceof Element && event.target.closest('a') === null) this.#mark.click();
  }
}

function unitCell(classes: string): UnitCell {
  const number = document.createTextNode('');
  const unit = element('span', { class: 'unit' });
  return { root: element('td', { class: classes }, element('span', { class: 'live-value' }, number, unit)), number, unit };
}

function fill(cell: UnitCell, text: string): void {
  const [number, unit] = splitUnit(text);
  setText(cell.number, number);
  setText(cell.unit, unit);
}
