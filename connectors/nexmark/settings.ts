import type { OptionSpecs, OptionValues } from '../options.ts';
import { type EventName, eventNames } from './event-numbers.ts';

const seedDefault = 42;
const rateDefault = 10_000;
const baseTimeDefault = '2026-01-01 00:00:00';
const partitionsMax = 64;

export const nexmarkOptions: OptionSpecs = {
  event: {
    type: 'choice',
    description: 'Which kind of event: its columns follow from it.',
    required: true,
    choices: eventNames,
    identity: true,
  },
  seed: {
    type: 'integer',
    description: 'Sources with the same seed show the same auctions.',
    default: String(seedDefault),
    minimum: 0,
    maximum: 4294967295,
    identity: true,
  },
  events: {
    type: 'integer',
    description: 'The source ends after this many events of all three kinds: 1 person, 3 auctions and 46 bids in 50. Default: never.',
    minimum: 1,
    maximum: 1_000_000_000_000,
  },
  rate: {
    type: 'number',
    description: 'Events of all three kinds per second of event time.',
    default: String(rateDefault),
    minimum: 0.001,
    maximum: 1_000_000_000,
    identity: true,
  },
  base_time: {
    type: 'text',
    description: 'Event time of the first event (UTC).',
    default: baseTimeDefault,
    example: '2026-01-05 08:00:00',
    identity: true,
  },
  disorder: {
    type: 'duration',
    description:
      'One row in four comes up to this much event time later than its turn, with the same values, but within the 8900 events that are dealt together.',
    default: '0 s',
    minimum: 0,
    identity: true,
  },
  partitions: {
    type: 'integer',
    description: 'Partitions: stretches of 8900 events are dealt to them in turn.',
    default: '1',
    minimum: 1,
    maximum: partitionsMax,
    identity: true,
  },
};

export interface Settings {
  readonly event: EventName;
  readonly seed: number;
  /** Infinity: never ends. */
  readonly events: number;
  readonly rate: number;
  /** Milliseconds since 1970. */
  readonly baseMs: number;
  readonly disorderMs: number;
  readonly partitions: number;
}

/** A value that only shows its fault when it is read. */
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

/** From validated options. Throws SettingsError. */
export function readSettings(options: OptionValues): Settings {
  const number = (name: string, preset: number): number => (options[name] as number | undefined) ?? preset;
  return {
    event: options.event as EventName,
    seed: number('seed', seedDefault),
    events: number('events', Number.POSITIVE_INFINITY),
    rate: number('rate', rateDefault),
    baseMs: readTime(String(options.base_time ?? baseTimeDefault)),
    disorderMs: number('disorder', 0),
    partitions: number('partitions', 1),
  };
}

function readTime(text: string): number {
  const form = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)Z?)?$/.exec(text.trim());
  const time = form === null ? Number.NaN : Date.parse(`${form[1]}T${form[2] ?? '00:00'}Z`);
  if (!(time >= 0))
    throw new SettingsError('base_time', `cannot read "${text}" as a time`, "write it like '2026-01-05 08:00:00' (UTC, from 1970 on)");
  return time;
}
