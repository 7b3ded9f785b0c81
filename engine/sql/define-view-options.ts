import type { OptionSpecs } from '../../connectors/options.ts';
import { QueryError } from '../diagnostic.ts';
import type { ViewOptions } from '../plan/catalog.ts';
import { parseOptions } from './options.ts';
import type { Shell } from './read-shell.ts';
import { alertOptions, viewOptions } from './table-options.ts';

/** Options of a materialized view, validated; `emit` is null when it was not said. */
export function defineViewOptions(
  shell: Shell,
  columns: readonly string[],
  report: (error: QueryError) => void,
): Omit<ViewOptions, 'emit'> & { readonly emit: ViewOptions['emit'] | null } {
  const isAlert = shell.options.some((option) => option.name === 'kind' && option.value === 'alert');
  const specs: OptionSpecs = isAlert ? { ...viewOptions, ...alertOptions } : viewOptions;
  const misplaced = isAlert ? [] : shell.options.filter((option) => option.name in alertOptions && !(option.name in viewOptions));
  for (const option of misplaced) {
    report(new QueryError('E0118', `"${option.name}" is an option of alerts`, { span: option.nameSpan, hint: 'add kind = alert' }));
  }
  const values = parseOptions(
    specs,
    shell.options.filter((option) => !misplaced.includes(option)),
    { span: shell.nameSpan, owner: isAlert ? 'an alert' : 'a materialized view', columns, report },
  );
  const milliseconds = (name: string): number | null => (typeof values[name] === 'number' ? values[name] : null);
  return {
    emit: values.emit === undefined ? null : (values.emit as ViewOptions['emit']),
    emitEarlyEveryMs: milliseconds('emit_early_every'),
    stateTtlMs: milliseconds('state_ttl'),
    retentionMs: milliseconds('retention'),
    tierMs: { hot: milliseconds('tier.hot'), warm: milliseconds('tier.warm'), cold: milliseconds('tier.cold') },
    kind: isAlert ? 'alert' : 'view',
    alert: isAlert ? Object.fromEntries(Object.keys(alertOptions).map((name) => [name, values[name]])) : {},
    seriesMax: Number(values.max_series),
    memoryBytesMax: Number(values.max_memory),
  };
}

/** Names in an alert's `keys` and `summary` must be columns of its result. */
export function checkAlertColumns(shell: Shell, columns: readonly string[], report: (error: QueryError) => void): void {
  for (const option of shell.options) {
    const named =
      option.name === 'keys'
        ? option.value.split(',').map((each) => each.trim())
        : option.name === 'summary'
          ? [...option.value.matchAll(/\{\{\s*([^}\s]+)\s*\}\}/g)].map((match) => match[1] ?? '')
          : [];
    for (const name of named) {
      if (columns.some((column) => column.toLowerCase() === name.toLowerCase())) continue;
      report(
        new QueryError('E0111', `"${option.name}" names a column that is not there: "${name}"`, {
          span: option.valueSpan,
          hint: `columns: ${columns.join(', ')}`,
        }),
      );
    }
  }
}
