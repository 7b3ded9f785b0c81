import type { VitalsHistory } from '../../status/api-types.ts';
import { splitUnit } from '../../status/format-number.ts';
import { element, setClass, setText } from './dom.ts';
import { drawSparkline, forgetSize, Recent } from './sparkline.ts';

export type VitalName = Exclude<keyof VitalsHistory, 't' | 'q'>;

export interface VitalDefinition {
  readonly name: VitalName;
  readonly label: string;
  readonly note: string;
  readonly format: (value: number | null) => string;
  /** The sparkline's scale starts at 0. */
  readonly fromZero?: boolean;
}

interface Tile {
  readonly definition: VitalDefinition;
  readonly root: HTMLElement;
  readonly number: HTMLElement;
  readonly unit: HTMLElement;
  readonly note: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly recent: Recent;
  tone: '' | 'warning' | 'critical';
}

const historyLength = 120;
/** Numbers come about once a second; a message that comes sooner replaces the newest point. */
const pointMsMin = 900;

/** Six numbers with the last two minutes of each. */
export class Vitals {
  readonly root: HTMLElement;
  readonly #tiles: readonly Tile[];
  readonly #resize: ResizeObserver;
  #pushedAt = 0;

  constructor(label: string, definitions: readonly VitalDefinition[], history: Omit<VitalsHistory, 'q'>) {
    this.#tiles = definitions.map((definition) => makeTile(definition, history[definition.name]));
    this.root = element('section', { class: 'card vitals', 'aria-label': label }, ...this.#tiles.map((tile) => tile.root));
    this.#resize = new ResizeObserver(() => {
      for (const tile of this.#tiles) forgetSize(tile.canvas);
      this.redraw();
    });
    this.#resize.observe(this.root);
  }

  update(values: Readonly<Record<VitalName, number | null>>): void {
    const now = performance.now();
    const isNew = now - this.#pushedAt > pointMsMin;
    if (isNew) this.#pushedAt = now;
    for (const tile of this.#tiles) {
      const value = values[tile.definition.name];
      const [number, unit] = splitUnit(tile.definition.format(value));
      setText(tile.number, number);
      setText(tile.unit, unit);
      if (!isNew) tile.recent.values.pop();
      tile.recent.push(value);
      draw(tile);
    }
  }

  note(name: VitalName, text: string): void {
    setText(this.#tile(name)?.note ?? null, text);
  }

  tone(name: VitalName, tone: Tile['tone']): void {
    const tile = this.#tile(name);
    if (tile === undefined) return;
    tile.tone = tone;
    setClass(tile.root, tone === '' ? 'vital' : `vital ${tone}`);
  }

  redraw(): void {
    for (const tile of this.#tiles) draw(tile);
  }

  destroy(): void {
    this.#resize.disconnect();
  }

  #tile(name: VitalName): Tile | undefined {
    return this.#tiles.find((tile) => tile.definition.name === name);
  }
}

function makeTile(definition: VitalDefinition, history: readonly (number | null)[]): Tile {
  const number = element('span');
  const unit = element('small');
  const note = element('span', {}, definition.note);
  const canvas = element('canvas', { 'aria-hidden': 'true', class: 'live-value' });
  const root = element(
    'div',
    { class: 'vital' },
    element('div', { class: 'label' }, element('span', {}, definition.label), note),
    element('div', { class: 'value live-value' }, number, unit),
    canvas,
  );
  return { definition, root, number, unit, note, canvas, recent: new Recent(historyLength, history), tone: '' };
}

function draw({ canvas, recent, definition, tone }: Tile): void {
  drawSparkline(canvas, recent.values, {
    token: tone === '' ? 'flow' : `${tone}-mark`,
    ...(definition.fromZero ? { from: 0 } : {}),
  });
}
