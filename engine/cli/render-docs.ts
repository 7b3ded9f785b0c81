import type { Connector } from '../../connectors/connector.ts';
import type { OptionSpec, OptionSpecs } from '../../connectors/options.ts';
import type { SinkConnector } from '../../connectors/sink.ts';

export interface OptionGroup {
  readonly title: string;
  /** One or two sentences under the title. */
  readonly intro: string;
  readonly options: OptionSpecs;
}

const generated = '<!-- Generated from the declarations in the code by `npm run docs`; a test holds it to them. -->';

/** docs/connectors.md: one section a connector, one table row an option. */
export function renderConnectorPage(connectors: readonly Connector[], sinks: readonly SinkConnector[]): string {
  const sorted = <Named extends { readonly name: string }>(list: readonly Named[]) => [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
  return page('Connectors', connectorIntro, [...sorted(connectors).map(connectorSection), sinkIntro, ...sorted(sinks).map(sinkSection)]);
}

/** docs/options.md: the options that tables and views take whatever their connector. */
export function renderOptionPage(groups: readonly OptionGroup[]): string {
  return page(
    'Options of tables and views',
    "Options stand in `WITH (name = value, ...)`. A text value with blanks or signs in it needs single quotes: `max_lateness = '10 s'`. What a connector takes besides is in [connectors](connectors.md).",
    groups.map((group) => `## ${group.title}\n\n${group.intro}\n\n${optionTable(group.options)}`),
  );
}

const connectorIntro =
  'A source is declared by `CREATE TABLE name (columns) WITH (connector = ..., ...)`. Options that every table takes are in [options](options.md); below are those of each connector.';

const sinkIntro = `## Sinks

A sink is declared by \`CREATE TABLE name (columns) WITH (role = sink, connector = ...)\` and written to by \`INSERT INTO name [(columns)] SELECT ...\`
over sources, views and CTEs. Types and NOT NULL are checked before anything runs; a column that is not given is NULL.

A query whose rows change writes a changelog: each record has one column more, \`_op\`, which is \`insert\` or \`delete\`; a changed row is a
\`delete\` of what it was, then an \`insert\`. A topic of Kafka has the newest row of each key instead, unless told otherwise
([Kafka](kafka.md#results-that-change)). A connector that cannot say so refuses such a query.

Rows of one epoch (about a second) are prepared in the sink, then positions and results are committed in the store, then the sink shows them.
After a crash, what the store did not commit is removed from the sink and comes again. When rows cannot be written (no space, no
permission), it is tried again for \`retry_for\`, while the queries of the same lane wait; then the queries that write to that sink stop, and
nothing else does. What comes after that is in no file: after a restart the query goes on with windows that were still open and rows that
come then. \`millrace_sink_*\` in the [metrics](metrics.md) count rows, bytes, files, repetitions and rows lost.`;

function sinkSection(sink: SinkConnector): string {
  return `## ${sink.name} as a sink\n\n${sink.summary}\n\n${optionTable(sink.options)}`;
}

function page(title: string, intro: string, sections: readonly string[]): string {
  return `${[`# ${title}`, generated, intro, ...sections].join('\n\n')}\n`;
}

function connectorSection(connector: Connector): string {
  const restart = connector.replayable
    ? 'After a restart it goes back to where results were committed and brings the same rows again.'
    : 'It cannot go back: what happens while the engine is down is not seen.';
  const pace = connector.paced ? ' Rows come at the pace of their event time, times `--speed`.' : '';
  return `## ${connector.name}\n\n${connector.summary} ${restart}${pace}\n\n${optionTable(connector.options)}`;
}

function optionTable(options: OptionSpecs): string {
  const rows = Object.entries(options).map(
    ([name, spec]) => `| \`${name}\` | ${valueText(spec)} | ${presetText(spec)} | ${meaning(name, spec)} |`,
  );
  if (rows.length === 0) return 'It takes no options.';
  return ['| option | value | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function valueText(spec: OptionSpec): string {
  if (spec.choices !== undefined) return spec.choices.map((choice) => code(choice)).join(', ');
  const range = rangeText(spec);
  return range === '' ? spec.type : `${spec.type}, ${range}`;
}

function rangeText({ type, minimum, maximum }: OptionSpec): string {
  const shown = (value: number) => (type === 'duration' ? durationText(value) : type === 'bytes' ? bytesText(value) : String(value));
  if (minimum !== undefined && maximum !== undefined) return `${shown(minimum)} to ${shown(maximum)}`;
  if (minimum !== undefined) return `at least ${shown(minimum)}`;
  return maximum === undefined ? '' : `at most ${shown(maximum)}`;
}

function presetText(spec: OptionSpec): string {
  if (spec.required) return 'required';
  return spec.default === undefined ? '' : code(spec.default);
}

function meaning(name: string, spec: OptionSpec): string {
  const example = spec.example === undefined ? '' : ` Example: ${code(`${name} = '${spec.example}'`)}.`;
  return `${spec.description.replaceAll('|', '\\|')}${example}`;
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function durationText(milliseconds: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ];
  for (const [unit, size] of units) if (milliseconds >= size && milliseconds % size === 0) return `${milliseconds / size} ${unit}`;
  return `${milliseconds} ms`;
}

function bytesText(bytes: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ];
  for (const [unit, size] of units) if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
  return `${bytes} bytes`;
}
