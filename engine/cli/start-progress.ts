import { isLive } from './live-block.ts';

/** A start from a warm kernel cache is over before anybody reads a line; only a slower one says what it is doing. */
const silentMs = 700;

export interface StartProgress {
  readonly compiled: (query: string) => void;
  readonly end: () => void;
}

/** `compiling kernels, 3 of 17: demo/traffic` in place on a terminal, one line elsewhere, nothing for programs. */
export function startProgress(queries: number, settings: { readonly json?: boolean; readonly quiet?: boolean }): StartProgress {
  if (settings.json || settings.quiet) return { compiled: () => {}, end: () => {} };
  const live = isLive(process.stderr);
  const startedAt = performance.now();
  let done = 0;
  let shown = false;
  return {
    compiled(query) {
      done++;
      if (performance.now() - startedAt < silentMs) return;
      if (live) process.stderr.write(`\rcompiling kernels (once), ${done} of ${queries}: ${query}\u001b[K`);
      else if (!shown) process.stderr.write(`${new Date().toISOString()} info  compiling kernels of ${queries} queries (once)\n`);
      shown = true;
    },
    end() {
      if (live && shown) process.stderr.write('\r\u001b[K');
    },
  };
}
