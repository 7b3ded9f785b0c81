import { element } from './dom.ts';
import type { SqlAnswer } from './result-view.ts';
import { ValueChart } from './value-chart.ts';
import { isNumeric, isTime, measureFormat, parseTime, plain } from './value-format.ts';

export interface ResultDrawing {
  redraw(): void;
  destroy(): void;
}

const linesMax = 6;
const barsMax = 40;
const chartHeight = 320;

interface Line {
  readonly label: string;
  readonly points: ReadonlyMap<number, number | null>;
}

/** Lines over the first time column, one a number or one a name; bars when there is no time; a sentence when there is no number. */
export function drawResult(parent: HTMLElement, answer: SqlAnswer): ResultDrawing {
  const { columns } = answer;
  const numbers = columns.flatMap(({ type }, index) => (isNumeric(type) ? [index] : []));
  const time = columns.findIndex(({ type }) => isTime(type));
  const name = columns.findIndex(({ type }) => !isNumeric(type) && !isTime(type));
  if (numbers.length === 0) return say(parent, 'A chart needs a column of numbers.');
  if (time < 0) return drawBars(parent, answer, name, numbers[0] as number);
  const lines =
    name >= 0
      ? linesByName(answer, time, name, numbers[0] as number)
      : numbers.slice(0, linesMax).map((index) => lineOf(answer, time, index));
  return drawLines(parent, lines, columns[numbers[0] as number]?.name ?? '');
}

function say(parent: HTMLElement, words: string): ResultDrawing {
  parent.replaceChildren(element('p', { class: 'nothing' }, words));
  return { redraw: () => undefined, destroy: () => undefined };
}

function lineOf({ columns, rows }: SqlAnswer, time: number, value: number): Line {
  const points = new Map<number, number | null>();
  for (const row of rows) {
    const at = parseTime(row[time]);
    if (at !== null) points.set(at / 1000, numberOf(row[value]));
  }
  return { label: columns[value]?.name ?? '', points };
}

function linesByName({ rows }: SqlAnswer, time: number, name: number, value: number): Line[] {
  const lines = new Map<string, Map<number, number | null>>();
  for (const row of rows) {
    const at = parseTime(row[time]);
    if (at === null) continue;
    const label = plain(row[name]);
    const points = lines.get(label) ?? new Map<number, number | null>();
    points.set(at / 1000, numberOf(row[value]));
    lines.set(label, points);
  }
  const most = (points: ReadonlyMap<number, number | null>) => Math.max(...[...points.values()].map((each) => Math.abs(each ?? 0)));
  return [...lines].map(([label, points]) => ({ label, points })).sort((a, b) => most(b.points) - most(a.points));
}

function drawLines(parent: HTMLElement, all: readonly Line[], value: string): ResultDrawing {
  const lines = all.slice(0, linesMax);
  const times = [...new Set(lines.flatMap(({ points }) => [...points.keys()]))].sort((a, b) => a - b);
  if (times.length === 0) return say(parent, 'No row has a time.');
  const values = lines.map(({ points }) => times.map((time) => points.get(time) ?? null));
  const keys = lines.map(({ label }, index) => {
    const swatch = element('i', { 'aria-hidden': 'true' });
    swatch.style.borderColor = `var(--series-${index + 1})`;
    return element('span', {}, swatch, label);
  });
  const more = all.length > linesMax ? element('span', {}, `The ${linesMax} largest of ${all.length}.`) : null;
  const box = element('div', { class: 'chart' });
  parent.replaceChildren(element('div', { class: 'keys' }, ...keys, more), box);
  const chart = new ValueChart(
    box,
    {
      times,
      lines: lines.map(({ label }, index) => ({ label, token: `series-${index + 1}`, values: values[index] ?? [] })),
      range: [times[0] as number, Math.max(times.at(-1) as number, (times[0] as number) + 1)],
      format: measureFormat(value, values.flat()),
    },
    {
      height: chartHeight,
      label: `${value}: ${lines.length} lines over ${times.length} points in time. The Table view has the same rows.`,
    },
  );
  return { redraw: () => chart.redraw(), destroy: () => chart.destroy() };
}

function drawBars(parent: HTMLElement, { columns, rows }: SqlAnswer, name: number, value: number): ResultDrawing {
  const shown = rows.slice(0, barsMax);
  const values = shown.map((row) => numberOf(row[value]));
  const most = values.reduce<number>((largest, each) => Math.max(largest, Math.abs(each ?? 0)), 0) || 1;
  const format = measureFormat(columns[value]?.name ?? '', values);
  const bars = shown.map((row, index) => {
    const fill = element('i');
    fill.style.transform = `scaleX(${(Math.abs(values[index] ?? 0) / most).toFixed(4)})`;
    const label = name < 0 ? String(index + 1) : plain(row[name]);
    return element(
      'div',
      { class: 'row' },
      element('span', { title: label }, label),
      element('span', { class: 'track' }, fill),
      element('span', { class: 'right' }, format(values[index])),
    );
  });
  const more = rows.length > barsMax ? element('p', { class: 'nothing' }, `The first ${barsMax} of ${rows.length} rows are drawn.`) : null;
  parent.replaceChildren(
    element('div', { class: 'keys' }, columns[value]?.name ?? ''),
    element('div', { class: 'bars' }, ...bars),
    ...(more === null ? [] : [more]),
  );
  return { redraw: () => undefined, destroy: () => undefined };
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  const parsed = typeof value === 'string' ? Number(value) : Number.NaN;
  return Number.isFinite(parsed) ? parsed : null;
}
