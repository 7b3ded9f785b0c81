import type { QueryState, Severity } from '../../status/api-types.ts';
import { formatDuration } from '../../status/format-duration.ts';

/** Class of a mark: `ok` a dot, `info` a ring, `warning` a triangle, `critical` a diamond, `closed` a grey dot. */
export type MarkClass = 'ok' | 'info' | 'warning' | 'critical' | 'closed';

export function markOf(state: QueryState, severity: Severity | null = null): MarkClass {
  if (state === 'failed' || severity === 'critical') return 'critical';
  if (state === 'behind' || severity === 'warning') return 'warning';
  if (state === 'ended') return 'closed';
  return state === 'ok' ? 'ok' : 'info';
}

export function stateWords(state: QueryState, lagMs: number | null = null): string {
  switch (state) {
    case 'starting':
      return 'Starting';
    case 'replaying':
      return 'Catching up';
    case 'ok':
      return 'Keeping up';
    case 'behind':
      return lagMs === null ? 'Behind' : `${formatDuration(lagMs)} behind`;
    case 'idle':
      return 'No input';
    case 'failed':
      return 'Failed';
    case 'ended':
      return 'All input read';
  }
}

export function toneOf(mark: MarkClass): '' | 'warning' | 'critical' {
  return mark === 'warning' || mark === 'critical' ? mark : '';
}
