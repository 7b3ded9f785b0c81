export type ConnectionState = 'connecting' | 'live' | 'lost';

/** Messages are JSON; of a kind in `newest` only the newest unseen one is handed over, of the others every one. */
export interface Topics {
  readonly topics: string;
  readonly newest: Readonly<Record<string, (message: never) => void>>;
  readonly every?: Readonly<Record<string, (message: never) => void>>;
}

const drawsPerSecondMax = 4;
const retryMsMin = 1_000;
const retryMsMax = 15_000;
/** A hidden tab lets its connection go: browsers allow six to one address. */
const hiddenMsMax = 30_000;
const keptMax = 50;

/** One connection per page. Handlers run at most four times a second however fast messages come; a lost connection comes back by itself. */
export class LiveStream {
  paused = false;
  state: ConnectionState = 'connecting';
  lastHeard = 0;
  retryAt = 0;
  onState: () => void = () => undefined;
  onRecovered: () => void = () => undefined;
  #wasLost = false;
  #source: EventSource | null = null;
  #topics: Topics | null = null;
  #retryMs = retryMsMin;
  #newest = new Map<string, string>();
  #every: [string, string][] = [];
  #timer = 0;
  #drawnAt = 0;
  #hiddenTimer = 0;

  constructor() {
    setInterval(() => this.#look(), 500);
    document.addEventListener('visibilitychange', () => this.#visibility());
    addEventListener('online', () => this.#reconnect());
  }

  open(topics: Topics): void {
    this.close();
    this.#wasLost = false;
    this.#topics = topics;
    this.#reconnect();
  }

  close(): void {
    this.#source?.close();
    this.#source = null;
    this.#topics = null;
    this.#newest.clear();
    this.#every = [];
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    if (!paused) this.#plan();
    this.onState();
  }

  #reconnect(): void {
    if (this.#topics === null) return;
    this.#source?.close();
    const source = new EventSource(`/api/v1/stream?topics=${encodeURIComponent(this.#topics.topics)}`);
    this.#source = source;
    source.addEventListener('open', () => this.#heard());
    for (const kind of Object.keys(this.#topics.newest)) {
      source.addEventListener(kind, (event) => {
        this.#newest.set(kind, (event as MessageEvent<string>).data);
        this.#heard();
        this.#plan();
      });
    }
    for (const kind of Object.keys(this.#topics.every ?? {})) {
      source.addEventListener(kind, (event) => {
        this.#every.push([kind, (event as MessageEvent<string>).data]);
        if (this.#every.length > keptMax) this.#every.shift();
        this.#heard();
        this.#plan();
      });
    }
    source.addEventListener('error', () => {
      source.close();
      if (this.#source !== source) return;
      this.retryAt = Date.now() + this.#retryMs;
      this.#retryMs = Math.min(retryMsMax, this.#retryMs * 2);
      this.#wasLost = true;
      this.#setState('lost');
    });
  }

  #heard(): void {
    this.lastHeard = Date.now();
    this.#retryMs = retryMsMin;
    this.#setState('live');
    if (!this.#wasLost) return;
    this.#wasLost = false;
    this.onRecovered();
  }

  #setState(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.onState();
  }

  #plan(): void {
    if (this.paused || this.#timer !== 0) return;
    const wait = Math.max(0, 1000 / drawsPerSecondMax - (performance.now() - this.#drawnAt));
    this.#timer = window.setTimeout(() => requestAnimationFrame(() => this.#draw()), wait);
  }

  #draw(): void {
    this.#timer = 0;
    this.#drawnAt = performance.now();
    const topics = this.#topics;
    if (topics === null || this.paused) return;
    const newest = [...this.#newest];
    const every = this.#every;
    this.#newest.clear();
    this.#every = [];
    for (const [kind, data] of every) topics.every?.[kind]?.(JSON.parse(data) as never);
    for (const [kind, data] of newest) topics.newest[kind]?.(JSON.parse(data) as never);
  }

  #look(): void {
    if (this.state !== 'lost') return;
    if (Date.now() >= this.retryAt && this.#source?.readyState === EventSource.CLOSED) this.#reconnect();
    this.onState();
  }

  #visibility(): void {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) this.#hiddenTimer = window.setTimeout(() => this.#source?.close(), hiddenMsMax);
    else if (this.#source?.readyState === EventSource.CLOSED) this.#reconnect();
  }
}
