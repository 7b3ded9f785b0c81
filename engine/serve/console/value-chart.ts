import uPlot from 'uplot';
import { type ChartData, type ChartLine, withThreshold } from './chart-data.ts';
import { chartDate, dayText, timeText } from './clock.ts';
import { color, withAlpha } from './theme.ts';
import { drawThreshold } from './threshold-line.ts';

export interface ChartOptions {
  readonly height: number;
  /** One sentence of what is on it, for screen readers. */
  readonly label: string;
  /** No lines from point to point. */
  readonly dots?: boolean;
  /** Index of the time under the cursor; null: it has left. */
  readonly onCursor?: (index: number | null) => void;
}

const axisFont = '12px Geist, system-ui, sans-serif';
const pointsShownMax = 60;

/** A line chart. Drag to zoom, double-click to come back, arrow keys move the cursor. */
export class ValueChart {
  readonly #parent: HTMLElement;
  readonly #options: ChartOptions;
  readonly #resize: ResizeObserver;
  #data: ChartData;
  #plot: uPlot;
  #zoomed = false;

  constructor(parent: HTMLElement, data: ChartData, options: ChartOptions) {
    this.#parent = parent;
    this.#data = data;
    this.#options = options;
    this.#plot = this.#build();
    this.#resize = new ResizeObserver(() => this.#fit());
    this.#resize.observe(parent);
  }

  /** New values; new lines make a new plot. */
  setData(data: ChartData): void {
    const same =
      data.lines.length === this.#data.lines.length && data.lines.every(({ label }, index) => label === this.#data.lines[index]?.label);
    this.#data = data;
    if (!same) {
      this.#rebuild();
      return;
    }
    this.#plot.setData(columnsOf(data), !this.#zoomed);
    if (this.#zoomed) this.#plot.redraw(true, true);
  }

  redraw(): void {
    this.#plot.redraw(false, true);
  }

  destroy(): void {
    this.#resize.disconnect();
    this.#plot.destroy();
  }

  #rebuild(): void {
    this.#plot.destroy();
    this.#zoomed = false;
    this.#plot = this.#build();
  }

  #fit(): void {
    const width = this.#parent.clientWidth - 14;
    if (width > 50 && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#options.height });
  }

  #build(): uPlot {
    const { height, onCursor, label } = this.#options;
    const plot = new uPlot(
      {
        width: Math.max(60, this.#parent.clientWidth - 14),
        height,
        tzDate: chartDate,
        padding: [10, 26, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false } },
        scales: {
          x: { range: (_, from, to) => this.#xRange(from, to) },
          y: { range: (_, low, high) => yRange(...withThreshold(low, high, this.#data.threshold)) },
        },
        axes: [this.#timeAxis(), this.#valueAxis()],
        series: [{}, ...this.#data.lines.map((line) => this.#line(line))],
        bands: this.#bands(),
        hooks: {
          setCursor: [(self) => onCursor?.(self.cursor.idx ?? null)],
          draw: [(self) => drawThreshold(self, this.#data.threshold)],
          setSelect: [(self) => (this.#zoomed = self.select.width > 0)],
        },
      },
      columnsOf(this.#data),
      this.#parent,
    );
    plot.over.addEventListener('dblclick', () => {
      this.#zoomed = false;
    });
    this.#makeAccessible(plot, label);
    return plot;
  }

  #xRange(from: number | null, to: number | null): [number, number] {
    const [first, last] = this.#data.range;
    return this.#zoomed && from !== null && to !== null ? [from, to] : [first, last];
  }

  #bands(): uPlot.Band[] {
    const { bands = [] } = this.#data;
    return bands.map(([upper, lower]) => ({ series: [upper + 1, lower + 1], fill: () => withAlpha(color('flow'), 0.16) }));
  }

  #line({ token, kind }: ChartLine): uPlot.Series {
    if (kind === 'edge') return { stroke: () => withAlpha(color(token), 0.4), width: 1, points: { show: false } };
    if (kind === 'ahead') return { stroke: () => color(token), width: 1.6, dash: [5, 4], points: { show: false } };
    if (kind === 'mark')
      return { paths: () => null, points: { show: true, size: 9, width: 2, fill: () => color('card'), stroke: () => color(token) } };
    const few = this.#data.times.length <= pointsShownMax;
    if (this.#options.dots)
      return { paths: () => null, points: { show: true, size: 5, fill: () => withAlpha(color(token), 0.55), stroke: 'transparent' } };
    return {
      stroke: () => color(token),
      width: 1.6,
      points: { show: few, size: 4, fill: () => color(token) },
    };
  }

  #timeAxis(): uPlot.Axis {
    return {
      stroke: () => color('muted'),
      font: axisFont,
      grid: { show: false },
      ticks: { stroke: () => color('line-strong'), width: 1, size: 5 },
      border: { show: true, stroke: () => color('line-strong'), width: 1 },
      gap: 4,
      size: 30,
      space: 76,
      values: (_, ticks) => timeTicks(ticks),
    };
  }

  #valueAxis(): uPlot.Axis {
    return {
      stroke: () => color('muted'),
      font: axisFont,
      grid: { stroke: () => color('line'), width: 1 },
      ticks: { show: false },
      gap: 6,
      size: 62,
      space: 40,
      values: (_, ticks) => trimZeros(ticks.map((tick) => this.#data.format(tick))),
    };
  }

  #makeAccessible(plot: uPlot, label: string): void {
    plot.over.setAttribute('role', 'img');
    plot.over.setAttribute('aria-label', label);
    plot.over.tabIndex = 0;
    plot.over.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      if (step === 0) return;
      event.preventDefault();
      const last = this.#data.times.length - 1;
      const at = Math.max(0, Math.min(last, (plot.cursor.idx ?? last) + step));
      plot.setCursor({ left: plot.valToPos(this.#data.times[at] ?? 0, 'x'), top: 10 });
    });
  }
}

/** `40.0 %`, `30.0 %` are `40 %`, `30 %`: decimals that say nothing on a whole axis. */
function trimZeros(texts: readonly string[]): string[] {
  const zeros = /\.0+(?!\d)/;
  return texts.every((text) => zeros.test(text) || !text.includes('.')) ? texts.map((text) => text.replace(zeros, '')) : [...texts];
}

function columnsOf({ times, lines }: ChartData): uPlot.AlignedData {
  return [times as number[], ...lines.map(({ values }) => values as (number | null)[])];
}

/** From zero unless all values are far from it: 0.97 to 0.99 must not look like nothing. */
function yRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  if (low === high) return low === 0 ? [0, 1] : [Math.min(0, low * 1.2), Math.max(0, high * 1.2)];
  const room = (high - low) * 0.12;
  if (low >= 0 && low - (high - low) * 1.5 <= 0) return [0, high + room];
  return [low - room, high + room];
}

/** The date at midnight and at the left edge when the edge is not of the same day as the right one. */
function timeTicks(ticks: readonly number[]): string[] {
  const seconds = ticks.length > 1 && (ticks[1] as number) - (ticks[0] as number) < 60;
  let day = ticks.length > 0 ? dayText((ticks.at(-1) as number) * 1000) : '';
  return ticks.map((tick, index) => {
    const own = dayText(tick * 1000);
    const changed = index === 0 ? own !== day : own !== day;
    day = own;
    return changed ? own.slice(5) : timeText(tick * 1000, seconds);
  });
}
