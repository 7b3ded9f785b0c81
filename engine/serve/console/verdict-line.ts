import type { OverviewSnapshot, Verdict } from '../../status/api-types.ts';
import { agoText, skewText } from './clock.ts';
import { element, setText } from './dom.ts';

/** Screen readers hear of a new verdict at most this often. */
const announceMsMin = 30_000;

/** The first line of the console: whether everything is well, in a sentence. */
export class VerdictLine {
  readonly root: HTMLElement;
  readonly #title = element('h1');
  readonly #detail = element('p', { class: 'live-value' });
  readonly #up = element('div');
  readonly #announcer = element('div', { class: 'hidden-text', 'aria-live': 'polite' });
  readonly #started: number;
  #text = '';
  #announcedAt = 0;

  constructor(snapshot: OverviewSnapshot) {
    this.#started = snapshot.started;
    const skew = skewText();
    const side = element(
      'div',
      { class: 'side' },
      element('div', {}, element('b', {}, snapshot.instance), ` · ${snapshot.version}`),
      this.#up,
      skew === null ? null : element('div', {}, skew),
    );
    this.root = element('div', { class: 'verdict' }, element('div', {}, this.#title, this.#detail), side, this.#announcer);
    this.update(snapshot.verdict);
  }

  update(verdict: Verdict): void {
    setText(this.#detail, verdict.detail);
    setText(this.#up, `up ${agoText(this.#started)}`);
    if (verdict.text === this.#text) return;
    this.#text = verdict.text;
    const parts = verdict.parts.map((part) => element('span', part.level === 'ok' ? {} : { class: `tone-${part.level}` }, part.text));
    this.#title.replaceChildren(...parts);
    const now = performance.now();
    if (this.#announcedAt !== 0 && now - this.#announcedAt < announceMsMin) return;
    this.#announcedAt = now;
    setText(this.#announcer, verdict.text);
  }
}
