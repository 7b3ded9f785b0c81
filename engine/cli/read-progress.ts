import { isLive } from './live-block.ts';

const redrawMs = 250;
/** Where nobody looks at a terminal. */
const lineMs = 10_000;

export interface ReadProgress {
  readonly update: (rowsRead: number, rowsTotal: number) => void;
  readonly end: () => void;
}

/** `12,000 of 40,000 rows read`: in place on a terminal, a line every ten seconds elsewhere. */
export function readProgress(stream: NodeJS.WriteStream, silent: boolean): ReadProgress {
  const live = isLive(stream);
  const everyMs = live ? redrawMs : lineMs;
  let drawnAt = performance.now();
  let shown = false;
  return {
    update(rowsRead, rowsTotal) {
      const now = performance.now();
      if (silent || now - drawnAt < everyMs) return;
      drawnAt = now;
      shown = true;
      const text = `${rowsRead.toLocaleString('en')} of ${rowsTotal.toLocaleString('en')} rows read`;
      stream.write(live ? `\r${text}\u001b[K` : `${text}\n`);
    },
    end() {
      if (live && shown) stream.write('\r\u001b[K');
    },
  };
}
