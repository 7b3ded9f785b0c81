import type { LiveStream } from './live-stream.ts';

export interface PageContext {
  readonly main: HTMLElement;
  readonly stream: LiveStream;
  /** What follows the page's own path: a query's id. */
  readonly argument: string;
  readonly navigate: (href: string) => void;
  /** Builds the page anew: the engine has restarted, or its queries have changed. */
  readonly reload: () => void;
  readonly toast: (text: string) => void;
}

export interface Page {
  destroy(): void;
  /** The theme has changed: what is drawn on canvas must be drawn again. */
  redraw(): void;
  /** The connection is back after it was lost. */
  recovered?(): void;
  /** A key that the page itself understands; true: it did something. */
  key?(key: string): boolean;
}

export type Mount = (context: PageContext) => Promise<Page>;
