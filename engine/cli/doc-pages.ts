import { functionsPage } from '../compile/expression/functions.ts';
import { connectors } from '../../connectors/registry.ts';
import { sinks } from '../../connectors/sinks.ts';
import { alertOptions, sinkOptions, sourceOptions, tableOptions, viewOptions } from '../sql/table-options.ts';
import { type OptionGroup, renderConnectorPage, renderOptionPage } from './render-docs.ts';

const groups: readonly OptionGroup[] = [
  { title: 'Every table', intro: 'For `CREATE TABLE`, whether it is read or written.', options: tableOptions },
  { title: 'Sources', intro: 'For tables that are read: time, lateness and retention.', options: sourceOptions },
  { title: 'Sinks', intro: 'For tables with `role = sink`, which `INSERT INTO` writes to.', options: sinkOptions },
  { title: 'Views', intro: 'For `CREATE MATERIALIZED VIEW`.', options: viewOptions },
  { title: 'Alerts', intro: 'For `CREATE MATERIALIZED VIEW` with `kind = alert`, besides those of every view.', options: alertOptions },
];

/** File below docs/ -> its text. */
export function renderDocPages(): ReadonlyMap<string, string> {
  return new Map([
    ['connectors.md', renderConnectorPage([...connectors.values()], [...sinks.values()])],
    ['options.md', renderOptionPage(groups)],
    ['functions.md', functionsPage()],
  ]);
}
