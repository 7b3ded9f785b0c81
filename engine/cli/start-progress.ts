import { isLive } from './live-block.ts';

/** A start from a warm kernel cache is over before anybody reads a line; only a slower one says what it is doing. */
const silentMs = 700;
const redrawMs = 250;

export interface StartProgress {
  readonly compiled: (query: string) => void;
  readonly end: () => void;
}

/** `compiling kernels (once), 3 of 17: demo/traffic` in place on a terminal, one line elsewhere, nothing for programs. */
export function startProgress(queries: number, settings: { readonly json?: boolean; readonly quiet?: boolean }): StartProgress {
  if (settings.json || settings.quiet) return { compiled: () => {}, end: () => {} };
  const live = isLive(process.stderr);
  let done = 0;
  let last = '';
  let shown = false;
  const draw = () => {
    if (live) process.stderr.write(`\rcompiling kernels (once), ${done} of ${queries} done${last === '' ? '' : `: ${last}`}\u001b[K`);
    else if (!shown) process.stderr.write(`${new Date().toISOString()} info  compiling kernels of ${queries} queries (once)\n`);
    shown = true;
  };
  let redraw: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    draw();
    redraw = setInterval(draw, redrawMs);
  }, silentMs);
  return {
    compiled(query) {
      done++;
      last = query;
    },
    end() {
      clearTimeout(first);
      clearInterval(redraw);
      if (live && shown) process.stderr.write('\r\u001b[K');
    },
  };
}
