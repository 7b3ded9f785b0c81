import { MinuteRate } from './minute-rate.ts';

/** What stands where messages of one template differ. */
export const wildcard = '<*>';
/** Words looked at; those beyond count as one that varies. */
export const wordsMax = 128;
export interface LogTemplateOptions {
  /** Templates that are kept; the one not seen for longest gives way. Default 1000. */
  readonly templates?: number;
  /** Share of words that must be equal for a message to be of a template, 0 to 1. Default 0.5. */
  readonly similarity?: number;
  /** Event time from the first message in which no template is called new. Default 10 minutes. */
  readonly learningMicros?: bigint;
  /** Least messages in a minute that are a burst. Default 10. */
  readonly burstRows?: number;
}

export interface LogTemplate {
  readonly template: string;
  /** Counts templates from 1; it stays when the template becomes more general. */
  readonly id: number;
  /** Messages of the template so far, this one among them. */
  readonly count: number;
  /** True for the first message of a template, once the learning time is over. */
  readonly isNew: boolean;
  /** True once for each burst, at the message with which the minute has more than is usual. */
  readonly isBurst: boolean;
  /** Messages a minute so far, of late. */
  readonly usual: number;
  /** Templates that gave way so far. */
  readonly forgotten: number;
}

interface Template {
  readonly id: number;
  /** null: it varies. */
  readonly words: (string | null)[];
  count: number;
  last: bigint;
  readonly rate: MinuteRate;
}

/**
 * Templates of log messages, as Drain (He et al. 2017) finds them: words between blanks, those with a digit vary; messages of equally
 * many words and the same first word are of the template with which they share most words, if they share enough, else of a new one. Where they
 * differ from it, it varies from then on.
 */
export class LogTemplates {
  readonly #most: number;
  readonly #similarity: number;
  readonly #learning: bigint;
  readonly #burstRows: number;
  readonly #templates: Template[] = [];
  #first: bigint | null = null;
  #made = 0;
  #forgotten = 0;

  constructor({ templates = 1_000, similarity = 0.5, learningMicros = 600_000_000n, burstRows = 10 }: LogTemplateOptions = {}) {
    this.#most = templates;
    this.#similarity = similarity;
    this.#learning = learningMicros;
    this.#burstRows = burstRows;
  }

  /** null for NULL, of which nothing is learnt. */
  step(text: string | null, micros: bigint): LogTemplate | null {
    if (text === null) return null;
    this.#first ??= micros;
    const words = wordsOf(text);
    const found = this.#find(words);
    const template = found ?? this.#add(words, micros);
    for (const [k, word] of words.entries()) if (template.words[k] !== word) template.words[k] = null;
    template.count++;
    if (micros > template.last) template.last = micros;
    const isBurst = template.rate.step(micros);
    return {
      template: template.words.map((word) => word ?? wildcard).join(' '),
      id: template.id,
      count: template.count,
      isNew: found === null && micros - this.#first >= this.#learning,
      isBurst,
      usual: template.rate.usual,
      forgotten: this.#forgotten,
    };
  }

  #find(words: readonly (string | null)[]): Template | null {
    let best: Template | null = null;
    let most = this.#similarity * words.length;
    for (const template of this.#templates) {
      if (template.words.length !== words.length || template.words[0] !== words[0]) continue;
      const same = words.filter((word, k) => word === template.words[k]).length;
      if (same < most || (best !== null && same === most)) continue;
      best = template;
      most = same;
    }
    return best;
  }

  #add(words: readonly (string | null)[], micros: bigint): Template {
    const rate = new MinuteRate(micros, this.#burstRows);
    const fresh: Template = { id: ++this.#made, words: [...words], count: 0, last: micros, rate };
    if (this.#templates.length < this.#most) {
      this.#templates.push(fresh);
      return fresh;
    }
    this.#forgotten++;
    let oldest = 0;
    for (const [slot, { last }] of this.#templates.entries()) if (last < (this.#templates[oldest] as Template).last) oldest = slot;
    this.#templates[oldest] = fresh;
    return fresh;
  }
}

/** null for a word that varies. */
function wordsOf(text: string): (string | null)[] {
  const words = text.split(/[ \t\r\n]+/).filter((word) => word !== '');
  const kept = words.length > wordsMax ? [...words.slice(0, wordsMax - 1), '0'] : words;
  return kept.map((word) => (/[0-9]/.test(word) || word === wildcard ? null : word));
}
