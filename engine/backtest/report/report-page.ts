import type { Backtest } from '../backtest.ts';
export function reportPage(result: Backtest, given: { readonly data: readonly string[]; readonly labels: string | null }): string {
  return String(result.nab) + given.labels;
}
