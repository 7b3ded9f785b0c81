import { distance } from 'fastest-levenshtein';
import type { OptionSpec, OptionSpecs, OptionValues } from '../../connectors/options.ts';
import { QueryError, type Span } from '../diagnostic.ts';
import { formatBytes, formatDuration, parseBytes, parseDuration } from './measures.ts';
import type { RawOption } from './raw-option.ts';

/** A hint names a likely spelling only when it is this close and no other is as close. */
const spellingDistanceMax = 2;

export interface OptionContext {
  /** Where the whole statement stands, for options that are missing. */
  readonly span: Span;
  /** What takes the options: `connector generator`, `a materialized view`. */
  readonly owner: string;
  /** Declared columns, for options that name one. */
  readonly columns: readonly string[];
  /** Called for each fault; all of them are found, not the first only. */
  readonly report: (error: QueryError) => void;
}

/** Validates what the user wrote against what is declared. Faulty options are reported and left out; defaults fill in the rest. */
export function parseOptions(specs: OptionSpecs, raw: readonly RawOption[], context: OptionContext): OptionValues {
  const values: Record<string, string | number | boolean | undefined> = {};
  const seen = new Set<string>();
  for (const option of raw) {
    const spec = specs[option.name];
    if (spec === undefined) {
      context.report(unknownOption(specs, option, context));
      continue;
    }
    if (seen.has(option.name)) {
      context.report(new QueryError('E0112', `option "${option.name}" is given twice`, { span: option.nameSpan }));
      continue;
    }
    seen.add(option.name);
    const parsed = parseOption(option.name, spec, option.value, context.columns);
    if ('fault' in parsed) {
      context.report(new QueryError('E0111', parsed.fault, { span: option.valueSpan, hint: parsed.hint }));
    } else values[option.name] = parsed.value;
  }
  for (const [name, spec] of Object.entries(specs)) {
    if (seen.has(name)) continue;
    if (spec.required) {
      const example = spec.example ?? spec.choices?.[0];
      context.report(
        new QueryError('E0113', `${context.owner} needs the option "${name}"`, {
          span: context.span,
          hint: `${spec.description}${example === undefined ? '' : ` For example: ${name} = '${example}'`}`,
        }),
      );
    } else if (spec.default !== undefined) {
      const parsed = parseOption(name, spec, spec.default, context.columns);
      if ('fault' in parsed) throw new Error(`default of option ${name} is faulty: ${parsed.fault}`);
      values[name] = parsed.value;
    }
  }
  return values;
}

/** What options are when nothing is written. */
export function parseDefaults(specs: OptionSpecs): OptionValues {
  return Object.fromEntries(
    Object.entries(specs).flatMap(([name, spec]) => {
      const parsed = spec.default === undefined ? null : parseOption(name, spec, spec.default, []);
      return parsed === null || 'fault' in parsed ? [] : [[name, parsed.value]];
    }),
  );
}

type Parsed = { value: string | number | boolean } | { fault: string; hint: string };

function parseOption(name: string, spec: OptionSpec, text: string, columns: readonly string[]): Parsed {
  switch (spec.type) {
    case 'text':
      return { value: text };
    case 'boolean':
      if (/^(true|on|yes)$/i.test(text)) return { value: true };
      if (/^(false|off|no)$/i.test(text)) return { value: false };
      return { fault: `"${text}" is neither true nor false`, hint: `write ${name} = true or ${name} = false` };
    case 'integer':
      if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
        return { fault: `"${text}" is no whole number`, hint: `write ${name} = ${spec.example ?? spec.default ?? '10'}` };
      }
      return inRange(name, spec, Number(text), text);
    case 'number':
      if (text.trim() === '' || !Number.isFinite(Number(text))) {
        return { fault: `"${text}" is no number`, hint: `write ${name} = ${spec.example ?? spec.default ?? '0.5'}` };
      }
      return inRange(name, spec, Number(text), text);
    case 'duration': {
      const milliseconds = parseDuration(text);
      const hint = `write a number and a unit (ms, s, min, h, d): ${name} = '${spec.example ?? '10 s'}'`;
      return milliseconds === null ? { fault: `"${text}" is no duration`, hint } : inRange(name, spec, milliseconds, text);
    }
    case 'bytes': {
      const bytes = parseBytes(text);
      const hint = `write a number and a unit (KiB, MiB, GiB): ${name} = '${spec.example ?? '64 MiB'}'`;
      return bytes === null ? { fault: `"${text}" is no size`, hint } : inRange(name, spec, bytes, text);
    }
    case 'choice': {
      const choice = spec.choices?.find((each) => each.toLowerCase() === text.toLowerCase());
      if (choice !== undefined) return { value: choice };
      return {
        fault: `"${text}" is not a value of "${name}"`,
        hint: nearestHint(text, spec.choices ?? []) ?? `one of: ${(spec.choices ?? []).join(', ')}`,
      };
    }
    case 'column': {
      const column = columns.find((each) => each.toLowerCase() === text.toLowerCase());
      if (column !== undefined) return { value: column };
      return {
        fault: `"${name}" names a column that is not there: "${text}"`,
        hint: nearestHint(text, columns) ?? `columns: ${columns.join(', ')}`,
      };
    }
  }
}

/** `minimum` and `maximum` are in the parsed unit: milliseconds, bytes or the number itself. */
function inRange(name: string, spec: OptionSpec, value: number, text: string): Parsed {
  if (spec.minimum !== undefined && value < spec.minimum) {
    return { fault: `"${name}" is too small: ${text}`, hint: `at least ${measureText(spec, spec.minimum)}` };
  }
  if (spec.maximum !== undefined && value > spec.maximum) {
    return { fault: `"${name}" is too large: ${text}`, hint: `at most ${measureText(spec, spec.maximum)}` };
  }
  return { value };
}

function measureText(spec: OptionSpec, value: number): string {
  return spec.type === 'duration' ? formatDuration(value) : spec.type === 'bytes' ? formatBytes(value) : String(value);
}

function unknownOption(specs: OptionSpecs, option: RawOption, context: OptionContext): QueryError {
  const names = Object.keys(specs);
  const hint =
    nearestHint(option.name, names) ?? (names.length === 0 ? `${context.owner} takes no options` : `options: ${names.join(', ')}`);
  return new QueryError('E0110', `unknown option "${option.name}"`, {
    span: option.nameSpan,
    note: `not an option of ${context.owner}`,
    hint,
  });
}

/** The one name that is nearly what was written, or null. */
export function nearestName(written: string, names: readonly string[]): string | null {
  const ranked = names
    .map((name) => ({ name, away: distance(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, away }) => away <= spellingDistanceMax && away < name.length)
    .sort((a, b) => a.away - b.away);
  const [best, second] = ranked;
  if (best === undefined || (second !== undefined && second.away === best.away)) return null;
  return best.name;
}

export function nearestHint(written: string, names: readonly string[]): string | undefined {
  const name = nearestName(written, names);
  return name === null ? undefined : `did you mean "${name}"?`;
}
