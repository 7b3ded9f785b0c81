import type { QueryPage } from '../../status/api-types.ts';
import type { Series } from '../../status/series.ts';
import { getJson, queryPath, Unreachable } from './api.ts';
import { engineNow, momentText, zoneName } from './clock.ts';
import { element, setAttribute, setText } from './dom.ts';
import type { RowKey } from './rows-card.ts';
import { chartData, readOutText, thresholdText } from './series-chart.ts';
import { ValueChart } from './value-chart.ts';
import { measureFormat, type ValueFormat } from './value-format.ts';

interface Range {
  readonly name: string;
  readonly label: string;
  readonly ms: number;
}
const ranges: readonly Range[] = [
  { name: '15m', label: '15 min', ms: 900_000 },
  { name: '3h', label: '3 h', ms: 10_800_000 },
  { name: '24h', label: '24 h', ms: 86_400_000 },
  { name: '7d', label: '7 d', ms: 604_800_000 },
];
const chartHeight = 272;
/** The chart is read again after new rows, at most this often. */
const refreshMsMin = 2_000;
/** Up to here values are buttons, above a list. */
const valueButtonsMax = 4;
const tableRowsMax = 200;

/** One value of one key over time; value, key and range are in the address. */
export class SeriesCard {
  readonly root: HTMLElement;
  /** The key whose series is shown, once it is known. */
  onKey: (key: RowKey) => void = () => undefined;
  readonly #page: QueryPage;
  readonly #title = element('h2');
  readonly #keyText = element('span', { class: 'mono' });
  readonly #time = element('time');
  readonly #label = element('span');
  readonly #number = element('b');
  readonly #step = element('span');
  readonly #alarms = element('span');
  readonly #band = element('span', { class: 'band-legend', hidden: true });
  readonly #threshold = element('span', { class: 'threshold-legend' });
  readonly #plot = element('div', { class: 'chart' });
  readonly #rangeButtons: readonly HTMLButtonElement[];
  readonly #tableButton = element('button', { type: 'button', 'aria-pressed': 'false' }, 'Table');
  #value: string;
  #key: RowKey | null = null;
  #range: Range;
  #chart: ValueChart | null = null;
  #series: Series | null = null;
  #format: ValueFormat = String;
  #readAt = 0;
  #timer = 0;
  #reading = new AbortController();
  #asTable = false;

  constructor(page: QueryPage) {
    this.#page = page;
    const asked = new URLSearchParams(location.search);
    const value = asked.get('value');
    this.#value = value !== null && page.values.includes(value) ? value : firstValue(page);
    this.#range = ranges.find(({ name }) => name === asked.get('range')) ?? (ranges[0] as Range);
    this.#rangeButtons = ranges.map((range) => {
      const button = element('button', { type: 'button', 'aria-pressed': String(range === this.#range) }, range.label);
      button.addEventListener('click', () => this.#setRange(range));
      return button;
    });
    this.#tableButton.addEventListener('click', () => this.#switchTable());
    this.root = this.#build();
  }

  async start(): Promise<void> {
    this.root.hidden = this.#page.values.length === 0 || this.#page.time === null;
    if (!this.root.hidden) await this.#read();
  }

  setKey(key: RowKey): void {
    this.#key = key;
    void this.#read();
  }

  /** New rows are there. */
  refreshSoon(): void {
    if (this.#timer !== 0 || this.root.hidden) return;
    this.#timer = window.setTimeout(
      () => {
        this.#timer = 0;
        void this.#read();
      },
      Math.max(100, refreshMsMin - (performance.now() - this.#readAt)),
    );
  }

  redraw(): void {
    this.#chart?.redraw();
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#reading.abort();
    this.#chart?.destroy();
  }

  #build(): HTMLElement {
    const controls = element('div', { class: 'controls' }, this.#valueChoice());
    controls.append(element('span', { class: 'segments', role: 'group', 'aria-label': 'Time range' }, ...this.#rangeButtons));
    controls.append(element('span', { class: 'segments' }, this.#tableButton));
    const swatch = element('i', { 'aria-hidden': 'true' });
    const legend = element(
      'div',
      { class: 'legend' },
      this.#time,
      element('span', {}, swatch, this.#label, this.#number),
      this.#band,
      this.#threshold,
      this.#step,
    );
    const [expected, alarm] = ['band', 'alarm'].map((name) => element('i', { class: name, 'aria-hidden': 'true' }));
    this.#band.append(expected ?? '', 'expected', alarm ?? '', this.#alarms);
    return element(
      'section',
      { class: 'card series-card' },
      element('header', {}, this.#title, this.#keyText, controls),
      legend,
      this.#plot,
    );
  }

  #valueChoice(): HTMLElement | null {
    const { values } = this.#page;
    if (values.length < 2) return null;
    if (values.length > valueButtonsMax) {
      const options = values.map((value) => element('option', { value, selected: value === this.#value }, value));
      const select = element('select', { class: 'field', 'aria-label': 'Value' }, ...options);
      select.addEventListener('change', () => this.#setValue(select.value));
      return select;
    }
    const buttons = values.map((value) => element('button', { type: 'button', 'aria-pressed': String(value === this.#value) }, value));
    for (const button of buttons) {
      button.addEventListener('click', () => {
        for (const other of buttons) setAttribute(other, 'aria-pressed', String(other === button));
        this.#setValue(button.textContent ?? '');
      });
    }
    return element('span', { class: 'segments', role: 'group', 'aria-label': 'Value' }, ...buttons);
  }

  #setValue(value: string): void {
    this.#value = value;
    keepInAddress('value', value);
    void this.#read();
  }

  #setRange(range: Range): void {
    this.#range = range;
    for (const [index, button] of this.#rangeButtons.entries()) setAttribute(button, 'aria-pressed', String(ranges[index] === range));
    keepInAddress('range', range.name);
    void this.#read();
  }

  async #read(): Promise<void> {
    this.#readAt = performance.now();
    this.#reading.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    const asked = new URLSearchParams({ value: this.#value, points: String(Math.max(200, Math.round(this.#plot.clientWidth))) });
    if (this.#key !== null) asked.set('key', JSON.stringify(this.#key));
    const newest = this.#newestTime();
    if (newest !== null) {
      asked.set('to', String(newest));
      asked.set('from', String(newest - this.#range.ms));
    } else asked.set('length', String(this.#range.ms));
    try {
      const series = await getJson<Series>(`${queryPath(this.#page.id)}/series?${asked}`, signal);
      if (!signal.aborted) this.#show(series);
    } catch (error) {
      if (signal.aborted || error instanceof Unreachable) return;
      this.#say(error instanceof Error ? error.message : String(error));
    }
  }

  /** Live data ends now; recorded data at its newest row. */
  #newestTime(): number | null {
    const { watermark, lag } = this.#page.tick;
    const now = Math.round(engineNow());
    if (watermark !== null && Math.abs(now - watermark) < 3_600_000 && lag.total !== null) return now;
    return null;
  }

  #show(series: Series): void {
    this.#series = series;
    if (this.#key === null) this.onKey(series.key);
    this.#key ??= series.key;
    this.#format = measureFormat(series.value, series.v);
    setText(this.#title, series.value);
    setText(this.#label, series.value);
    setText(this.#keyText, series.key.map(([column, value]) => `${column}=${value ?? 'NULL'}`).join(', '));
    this.#band.hidden = series.band === undefined;
    const alarms = series.band?.alarm.filter(Boolean).length ?? 0;
    setText(this.#alarms, alarms === 0 ? 'no alarms' : alarms === 1 ? '1 alarm' : `${alarms} alarms`);
    setText(this.#threshold, thresholdText(series, this.#format));
    setText(this.#step, series.step > 0 ? `least and greatest of every ${series.step} s` : '');
    if (series.t.length === 0) {
      this.#say('No rows in this range yet.');
      return;
    }
    if (this.#asTable) {
      this.#showTable();
      return;
    }
    this.#readOut(null);
    const data = chartData(series, this.#range.ms / 1000, this.#newestTime(), this.#format);
    if (this.#chart !== null) {
      this.#chart.setData(data);
      return;
    }
    this.#plot.replaceChildren();
    this.#chart = new ValueChart(this.#plot, data, {
      height: chartHeight,
      label: this.#sentence(series),
      // Rows of no series stand each for itself: a line from one to the next would mean nothing.
      dots: series.key.length === 0 && !this.#page.plan.some((step) => step.op === 'Aggregate'),
      onCursor: (index) => this.#readOut(index),
    });
  }

  #sentence(series: Series): string {
    const { value, v } = series;
    const said = thresholdText(series, this.#format);
    const known = v.filter((each) => each !== null);
    return `${value} over ${this.#range.label}: ${known.length} points from ${this.#format(Math.min(...known))} to ${this.#format(Math.max(...known))}, now ${this.#format(known.at(-1))}. ${said === '' ? '' : `${said}. `}Arrow keys move the cursor.`;
  }

  #readOut(index: number | null): void {
    const series = this.#series;
    if (series === null) return;
    const at = index ?? series.t.length - 1;
    const { time, text } = readOutText(series, at, this.#format);
    setText(this.#time, `${momentText(time)} ${zoneName()}`);
    setText(this.#number, text);
  }

  #say(words: string): void {
    this.#chart?.destroy();
    this.#chart = null;
    this.#plot.replaceChildren(element('p', { class: 'nothing' }, words));
  }

  #switchTable(): void {
    this.#asTable = !this.#asTable;
    setAttribute(this.#tableButton, 'aria-pressed', String(this.#asTable));
    if (this.#series !== null) {
      this.#chart?.destroy();
      this.#chart = null;
      this.#show(this.#series);
    }
  }

  #showTable(): void {
    const { t, v, unit, value } = this.#series as Series;
    const scale = unit === 's' ? 1000 : 1;
    const rows = t
      .map((time, index) =>
        element('tr', {}, element('td', {}, momentText(time * scale)), element('td', { class: 'right' }, this.#format(v[index]))),
      )
      .reverse()
      .slice(0, tableRowsMax);
    const head = element(
      'tr',
      {},
      element('th', { scope: 'col' }, `time (${zoneName()})`),
      element('th', { scope: 'col', class: 'right' }, value),
    );
    const table = element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
    this.#plot.replaceChildren(element('div', { class: 'chart-table', tabindex: 0 }, table));
  }
}

/** What is measured says more than what is counted: the first value with a fraction, else the first. */
function firstValue({ values, columns }: QueryPage): string {
  const measured = columns.find(([name, type]) => values.includes(name) && /^(DOUBLE|FLOAT|DECIMAL)/.test(type));
  return measured?.[0] ?? values[0] ?? '';
}

function keepInAddress(name: string, value: string): void {
  const asked = new URLSearchParams(location.search);
  asked.set(name, value);
  history.replaceState(null, '', `${location.pathname}?${asked}`);
}
