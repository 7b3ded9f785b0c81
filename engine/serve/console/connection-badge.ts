import { timeText } from './clock.ts';
import { byId, setClass, setText } from './dom.ts';
import type { LiveStream } from './live-stream.ts';

/** Connection state in the bar: shape, word and colour. */
export function showConnection(stream: LiveStream): void {
  const badge = byId('connection');
  const shown = stream.paused ? 'paused' : stream.state;
  setClass(badge, `connection ${shown}`);
  document.documentElement.dataset.connection = shown;
  setText(badge.lastElementChild, words(stream));
}

function words(stream: LiveStream): string {
  if (stream.paused) return 'Paused';
  if (stream.state === 'live') return 'Live';
  if (stream.state === 'connecting') return 'Connecting';
  const seconds = Math.max(1, Math.ceil((stream.retryAt - Date.now()) / 1000));
  return stream.lastHeard === 0 ? `No answer, retry in ${seconds} s` : `Last heard ${timeText(stream.lastHeard)}, retry in ${seconds} s`;
}
