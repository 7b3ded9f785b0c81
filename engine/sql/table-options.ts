import type { OptionSpecs } from '../../connectors/options.ts';

/** Options of every CREATE TABLE, whatever its connector. */
export const tableOptions: OptionSpecs = {
  connector: { type: 'text', description: 'Where the rows come from, or go to.', required: true, example: 'generator' },
  role: { type: 'choice', choices: ['source', 'sink'], default: 'source', description: 'Whether rows are read from it or written to it.' },
};

/** Options of a table that is read. */
export const sourceOptions: OptionSpecs = {
  kind: {
    type: 'choice',
    choices: ['stream', 'lookup', 'versioned'],
    default: 'stream',
    description: 'A stream of rows, a table to look rows up in, or a table of which each row holds from its time on.',
  },
  event_time: { type: 'column', description: 'The TIMESTAMP column (UTC) that says when a row happened.', example: 'ts' },
  max_lateness: {
    type: 'duration',
    default: '0 s',
    example: '10 s',
    description: 'How far behind the newest row of its partition a row may be; the watermark stays this far behind.',
  },
  partition_key: {
    type: 'text',
    example: 'host',
    description:
      'Columns, with commas between, that separate the partitions: rows that are equal in them are all in one partition. With more than one lane, what is grouped by them (and by more) then stays in the lane that reads the partition. It is not checked: rows that are elsewhere nevertheless make groups of their own.',
  },
  idle_timeout: {
    type: 'duration',
    minimum: 1,
    example: '30 s',
    description: 'After so long without a row (wall clock) a partition no longer holds the watermark back. Without it, it does for ever.',
  },
  late: {
    type: 'choice',
    choices: ['divert', 'drop'],
    default: 'divert',
    description: 'Late rows are kept in `<name>__late`, or dropped and counted.',
  },
  on_late: { type: 'text', example: 'divert', description: 'Another name of `late`.' },
  rejected_alert_ratio: {
    type: 'number',
    default: '0.01',
    minimum: 0,
    maximum: 1,
    example: '0.001',
    description:
      'When more than this share of the rows of `rejected_alert_window` was rejected, the source is in a state of alert until it is no more; 1: never.',
  },
  rejected_alert_window: {
    type: 'duration',
    default: '1 min',
    minimum: 1_000,
    example: '5 min',
    description: 'Over which time the share of rejected rows is taken.',
  },
  rejected_alert_rows: {
    type: 'integer',
    default: '10',
    minimum: 1,
    description: 'So many rows of `rejected_alert_window` have to be rejected at least, so that a few of a quiet source are no alert.',
  },
  retention: {
    type: 'duration',
    minimum: 1,
    example: '7 d',
    description: 'Rows are kept in the store for so long, and can be queried by the name of the source. Without it they are not kept.',
  },
  'tier.hot': { type: 'duration', minimum: 1, example: '1 h', description: 'How long rows stay in the hot tier.' },
  'tier.warm': { type: 'duration', minimum: 1, example: '3 d', description: 'How long rows stay in the warm tier.' },
  'tier.cold': { type: 'duration', minimum: 1, example: '30 d', description: 'How long rows stay in the cold tier.' },
  refresh: { type: 'duration', minimum: 1, example: '5 min', description: 'How often a lookup table is read again.' },
};

/** Options of a table that is written to. */
export const sinkOptions: OptionSpecs = {
  delivery: {
    type: 'choice',
    choices: ['at_least_once', 'exactly_once'],
    default: 'at_least_once',
    description: 'Whether a restart may write a row a second time. The connector may do better than what is asked for.',
  },
  retry_for: {
    type: 'duration',
    default: '1 min',
    example: '10 min',
    description:
      'When rows cannot be written (disk full, no permission), it is tried again for so long, and queries of the same lane wait; then the queries that write to it stop.',
  },
};

/** Options of CREATE MATERIALIZED VIEW. */
export const viewOptions: OptionSpecs = {
  kind: {
    type: 'choice',
    choices: ['view', 'alert'],
    default: 'view',
    description: 'An alert is a view whose rows are the firing instances.',
  },
  emit: {
    type: 'choice',
    choices: ['final', 'changes'],
    description:
      'Rows once and final when the watermark allows it, or every change at once. Without it: final where the query can be, else changes.',
  },
  emit_early_every: {
    type: 'duration',
    minimum: 1,
    example: '1 min',
    description:
      'Also puts out, this often, what open windows and groups hold of the rows before a multiple of it that the watermark has passed.',
  },
  state_ttl: {
    type: 'duration',
    minimum: 1,
    example: '1 d',
    description: 'Forgets state that no row has touched for so long in event time; bounds queries that have no window.',
  },
  retention: { type: 'duration', minimum: 1, example: '90 d', description: 'Result rows are kept for so long. Without it: for ever.' },
  'tier.hot': { type: 'duration', minimum: 1, example: '7 d', description: 'How long result rows stay in the hot tier.' },
  'tier.warm': { type: 'duration', minimum: 1, example: '30 d', description: 'How long result rows stay in the warm tier.' },
  'tier.cold': { type: 'duration', minimum: 1, example: '1 y', description: 'How long result rows stay in the cold tier.' },
  max_series: {
    type: 'integer',
    default: '1000000',
    minimum: 1,
    maximum: 2 ** 31,
    example: '50000',
    description:
      'Of functions that learn: the series that each learns at a time, in each lane. Rows of further series give NULL and are counted.',
  },
  max_memory: {
    type: 'bytes',
    default: '1 GiB',
    minimum: 2 ** 20,
    maximum: 2 ** 32,
    example: '256 MiB',
    description:
      'What the query may hold; it fails, alone, when that is not enough. With `--lanes` its parts in all lanes have equal shares of it, of 16 MiB at least.',
  },
};

/** Options that only `kind = alert` takes. */
export const alertOptions: OptionSpecs = {
  severity: { type: 'text', default: 'warning', example: 'critical', description: 'How bad it is: a word that receivers route by.' },
  keys: { type: 'text', example: 'service', description: 'Columns, with commas between, that tell one firing instance from another.' },
  for: { type: 'duration', default: '0 s', example: '2 min', description: 'Fires when its row has come for so long without a gap.' },
  resolve_after: { type: 'duration', default: '5 min', example: '5 min', description: 'Resolves when its row has not come for so long.' },
  summary: { type: 'text', example: '{{service}} fails', description: 'One line for people; {{column}} is replaced by the value.' },
};
