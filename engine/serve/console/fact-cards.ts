import type { QueryErrorEntry, QueryPage, QueryTick } from '../../status/api-types.ts';
import { formatBytes } from '../../status/format-bytes.ts';
import { formatNumber, formatPercent } from '../../status/format-number.ts';
import { agoText, momentText } from './clock.ts';
import { element, setClass, setText } from './dom.ts';

const stateShareWarned = 0.85;

function fact(label: string, value: HTMLElement | string, why = ''): HTMLElement {
  const row = element('div', { class: 'row' }, element('span', {}, label), typeof value === 'string' ? element('span', {}, value) : value);
  return element('div', {}, row, why === '' ? null : element('div', { class: 'why' }, why));
}

/** State beside what bounds it, in words. */
export class BoundCard {
  readonly root: HTMLElement;
  readonly #used = element('span', { class: 'live-value' });
  readonly #keys = element('span', { class: 'live-value' });
  readonly #fill = element('i');
  readonly #meter = element('div', { class: 'meter', 'aria-hidden': 'true' }, this.#fill);
  readonly #bytes: number;

  constructor({ bound, tick }: QueryPage) {
    this.#bytes = bound.bytes;
    const terms = bound.terms.map(([what, why, bytes]) => fact(capital(what), bytes === null ? '' : formatBytes(bytes), why));
    const none = bound.terms.length === 0 ? [fact('Nothing is kept', '', 'Each row is answered as it comes.')] : [];
    this.root = element(
      'section',
      { class: 'card' },
      element('header', {}, element('h2', {}, 'State bound')),
      element(
        'div',
        { class: 'facts' },
        ...terms,
        ...none,
        fact('Keys and windows now', this.#keys),
        element('div', { class: 'row total' }, element('span', {}, 'In use, at most'), this.#used),
        this.#meter,
        element('div', { class: 'why' }, bound.keys.policy),
      ),
    );
    this.update(tick);
  }

  update({ state, keys }: QueryTick): void {
    const share = this.#bytes > 0 ? state / this.#bytes : 0;
    setText(this.#used, `${formatBytes(state)} of ${formatBytes(this.#bytes)}`);
    setText(this.#keys, formatNumber(keys));
    setClass(this.#meter, share >= stateShareWarned ? 'meter warning' : 'meter');
    this.#fill.style.transform = `scaleX(${Math.min(1, share).toFixed(3)})`;
  }
}

/** What it has done since it was first started, and what it costs. */
export class WorkCard {
  readonly root: HTMLElement;
  readonly #cores = element('div', { class: 'big live-value' });
  readonly #in = element('span', { class: 'live-value' });
  readonly #out = element('span', { class: 'live-value' });
  readonly #filtered = element('span', { class: 'live-value' });
  readonly #late = element('span', { class: 'live-value' });
  readonly #watermark = element('span', { class: 'live-value' });

  constructor({ tick }: QueryPage) {
    this.root = element(
      'section',
      { class: 'card' },
      element('header', {}, element('h2', {}, 'Work')),
      element(
        'div',
        { class: 'facts' },
        this.#cores,
        fact('Rows read', this.#in),
        fact('Left out by WHERE', this.#filtered),
        fact('Results', this.#out),
        fact('Late rows of its sources', this.#late),
        fact('Complete up to', this.#watermark, 'The watermark: no older row is waited for.'),
      ),
    );
    this.update(tick);
  }

  update({ cpu, totals, watermark }: QueryTick): void {
    setText(this.#cores, cpu === null ? 'CPU not known yet' : `${formatPercent(cpu / 100)} of one core`);
    setText(this.#in, formatNumber(totals.in));
    setText(this.#filtered, formatNumber(totals.filtered));
    setText(this.#out, formatNumber(totals.out));
    setText(this.#late, formatNumber(totals.late));
    setText(this.#watermark, watermark === null ? 'nothing yet' : momentText(watermark));
  }
}

/** Faults with how often and when, and a row that shows it. */
export function errorsCard(errors: readonly QueryErrorEntry[]): HTMLElement {
  const faults = errors.map(({ code, text, where, n, t, sample }) => {
    const facts = [where === null ? '' : `at ${where}`, n > 1 ? `${formatNumber(n)} times` : '', `${agoText(t)} ago`].filter(
      (part) => part !== '',
    );
    const line = element(
      'p',
      {},
      element('span', { class: 'mono' }, `${code} `),
      text,
      element('span', { class: 'muted' }, ` · ${facts.join(' · ')}`),
    );
    return element('div', { class: 'fault' }, line, sample === null ? null : element('pre', { tabindex: 0 }, sample));
  });
  const none = faults.length === 0 ? element('p', { class: 'nothing' }, 'None.') : null;
  return element('section', { class: 'card' }, element('header', {}, element('h2', {}, 'Errors')), ...faults, none);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
