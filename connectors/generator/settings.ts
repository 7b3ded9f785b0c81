import type { OptionSpecs, OptionValues } from '../options.ts';
import { FaultCalendar } from './fault-calendar.ts';
import { defaultSchedule, FaultScheduleError, parseSchedule, type ScheduledFault } from './fault-schedule.ts';
import { buildFleet, type Fleet, hostsMax, servicesMax } from './fleet.ts';
import { type StreamName, streamNames } from './stream.ts';

export const rateMax = 1_000_000;
export const partitionsMax = 64;
const spanRateDefault = 1000;
const logRateDefault = 200;

export const generatorOptions: OptionSpecs = {
  stream: {
    type: 'choice',
    description: 'Which stream of the fleet: its columns follow from it.',
    required: true,
    choices: streamNames,
    identity: true,
  },
  seed: {
    type: 'integer',
    description: 'Sources with the same seed show the same fleet.',
    default: '1',
    minimum: 0,
    maximum: 4294967295,
    identity: true,
  },
  hosts: { type: 'integer', description: 'Hosts in the fleet.', default: '20', minimum: 1, maximum: hostsMax, identity: true },
  services: { type: 'integer', description: 'Services in the fleet.', default: '12', minimum: 1, maximum: servicesMax, identity: true },
  rate: {
    type: 'number',
    description: `Rows per second of event time for spans (default ${spanRateDefault}) and logs (default ${logRateDefault}), as a mean over the week; the day has its tides.`,
    minimum: 0.001,
    maximum: rateMax,
    identity: true,
  },
  span_rate: {
    type: 'number',
    description: 'For metrics and logs: rate of the spans stream whose requests they count and mention.',
    default: String(spanRateDefault),
    minimum: 0.001,
    maximum: rateMax,
    identity: true,
  },
  interval: {
    type: 'duration',
    description: 'For metrics: time from one value of a series to the next.',
    default: '1 s',
    minimum: 1,
    identity: true,
  },
  deploy_every: {
    type: 'duration',
    description: 'Time between two routine deploys in the fleet; the services take turns.',
    default: '15 s',
    minimum: 100,
    identity: true,
  },
  start: {
    type: 'text',
    description: 'Event time of the first row (UTC). Default: now, at the first start; a restart goes on.',
    example: '2026-01-05 08:00:00',
    identity: true,
  },
  duration: { type: 'duration', description: 'The source ends after this much event time. Default: never.', minimum: 1 },
  faults: {
    type: 'text',
    description:
      'What goes wrong: "default", "none" or a schedule of faults separated by ";". Times count from start; without a start, from 1970, so that "at 20 s every 10 min" is at 20 seconds past each ten minutes.',
    default: 'default',
    example: 'error_burst service=checkout at 20 s for 40 s every 10 min; silent_host at 1 min for 30 s every 5 min',
    identity: true,
  },
  disorder: {
    type: 'duration',
    description: 'One row in four is earlier than its place in the order, by up to this much.',
    default: '0 s',
    minimum: 0,
    identity: true,
  },
  partitions: {
    type: 'integer',
    description: 'Partitions of metrics (by host), spans (by trace) and logs.',
    default: '1',
    minimum: 1,
    maximum: partitionsMax,
    identity: true,
  },
};

export interface Settings {
  readonly stream: StreamName;
  readonly fleet: Fleet;
  readonly calendar: FaultCalendar;
  readonly rate: number;
  readonly spanRate: number;
  readonly intervalMs: number;
  readonly deployEveryMs: number;
  /** Microseconds since 1970; null: the time of the first open. */
  readonly start: number | null;
  readonly durationMs: number | null;
  readonly disorderMicros: number;
  readonly partitions: number;
}

export class SettingsError extends Error {
  readonly option: string;
  readonly hint: string;
  constructor(option: string, message: string, hint: string) {
    super(message);
    this.name = 'SettingsError';
    this.option = option;
    this.hint = hint;
  }
}

/** From validated options. Throws SettingsError for what only shows when options are seen together. */
export function readSettings(options: OptionValues): Settings {
  const number = (name: string): number => Number(options[name] ?? generatorOptions[name]?.default);
  const duration = (name: string, preset: number): number => (options[name] as number | undefined) ?? preset;
  const stream = options.stream as StreamName;
  const rated = stream === 'spans' || stream === 'logs';
  if (options.rate !== undefined && !rated) {
    throw new SettingsError(
      'rate',
      `a ${stream} stream has no rate`,
      stream === 'metrics' ? 'set interval, hosts or services' : 'leave it out',
    );
  }
  const partitions = number('partitions');
  if (partitions > 1 && !rated && stream !== 'metrics') {
    throw new SettingsError('partitions', `a ${stream} stream has one partition`, 'leave it out');
  }
  const fleet = buildFleet(number('seed'), number('hosts'), number('services'));
  if (stream === 'metrics' && partitions > fleet.hosts.length) {
    throw new SettingsError('partitions', `${fleet.hosts.length} hosts do not fill ${partitions} partitions`, 'give it more hosts');
  }
  const start = options.start === undefined ? null : readStart(String(options.start));
  return {
    stream,
    fleet,
    calendar: readCalendar(String(options.faults ?? 'default'), fleet, start),
    rate: (options.rate as number | undefined) ?? (stream === 'logs' ? logRateDefault : spanRateDefault),
    spanRate: number('span_rate'),
    intervalMs: duration('interval', 1000),
    deployEveryMs: duration('deploy_every', 15_000),
    start,
    durationMs: (options.duration as number | undefined) ?? null,
    disorderMicros: duration('disorder', 0) * 1000,
    partitions,
  };
}

function readStart(text: string): number {
  const form = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)Z?)?$/.exec(text.trim());
  const time = form === null ? Number.NaN : Date.parse(`${form[1]}T${form[2] ?? '00:00'}Z`);
  if (!(time >= 0))
    throw new SettingsError('start', `cannot read "${text}" as a time`, "write it like '2026-01-05 08:00:00' (UTC, from 1970 on)");
  return time * 1000;
}

function readCalendar(text: string, fleet: Fleet, start: number | null): FaultCalendar {
  try {
    if (text.trim() === 'none') return new FaultCalendar([], fleet, 0);
    const faults = text.trim() === 'default' ? fittingFaults(fleet) : parseSchedule(text);
    const once = faults.find((fault) => fault.every === null);
    if (start === null && once !== undefined) {
      throw new FaultScheduleError(
        `${once.kind} has no "every" and the source no start: it was over in 1970`,
        'add "every 10 min", or set start',
      );
    }
    return new FaultCalendar(faults, fleet, (start ?? 0) / 1000);
  } catch (error) {
    if (error instanceof FaultScheduleError) throw new SettingsError('faults', error.message, error.hint);
    throw error;
  }
}

/** The default schedule names services that a small fleet may lack: there, another one is struck. */
function fittingFaults(fleet: Fleet): readonly ScheduledFault[] {
  const names = new Set(fleet.services.map((service) => service.name));
  return parseSchedule(defaultSchedule).map((fault) =>
    fault.target === null || names.has(fault.target) ? fault : { ...fault, target: null },
  );
}
