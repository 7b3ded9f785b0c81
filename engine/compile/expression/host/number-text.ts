/** Shortest text that reads back as `value`, in DuckDB's form: `1.0`, `1e+20`, `1e-05`, `inf`, `nan`. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return nonFiniteText(value);
  return decorate(value === 0 && Object.is(value, -0) ? '-0' : String(value));
}

/**
 * The same for a number that is a 32-bit float: the fewest digits that tell it from its neighbours. DuckDB's algorithm (Grisu) gives up
 * where two such texts are equally near or one lies halfway to a neighbour, and then prints the number as a double.
 */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return nonFiniteText(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  const halfway = [(magnitude + neighbour(magnitude, 1)) / 2, (magnitude + neighbour(magnitude, -1)) / 2];
  for (let digits = 1; digits < 10; digits++) {
    const candidate = Number(magnitude.toPrecision(digits));
    if (halfway.includes(candidate)) break;
    if (Math.fround(candidate) !== magnitude) continue;
    if (endsInFive(magnitude, digits)) break;
    return decorate(String(value < 0 ? -candidate : candidate));
  }
  return doubleText(value);
}

const floatView = new Float32Array(1);
const bitsView = new Uint32Array(floatView.buffer);

/** The next float above (1) or below (-1). */
function neighbour(value: number, step: number): number {
  floatView[0] = value;
  bitsView[0] = (bitsView[0] as number) + step;
  const next = floatView[0] as number;
  return next === Infinity ? 2 ** 128 : next;
}

/** Whether the number is exactly halfway between two numbers of so many digits. */
function endsInFive(value: number, digits: number): boolean {
  const exact = value.toPrecision(100).replace(/e.*$/, '').replace('.', '').replace(/^0+/, '');
  return /^50*$/.test(exact.slice(digits));
}

function nonFiniteText(value: number): string {
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

/** JavaScript's shortest digits, laid out as DuckDB does: plain from 1e-4 to below 1e16, else two exponent digits at least. */
function decorate(shortest: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(shortest) as RegExpExecArray;
  const fraction = match[3] ?? '';
  const sign = match[1] as string;
  const all = (match[2] as string) + fraction;
  const leading = all.length - all.replace(/^0+/, '').length;
  const digits = all.replace(/^0+/, '').replace(/0+$/, '');
  if (digits === '') return `${sign}0.0`;
  const exponent = (match[2] as string).length + Number(match[4] ?? 0) - leading - 1;
  if (exponent < -4 || exponent >= 16) {
    const magnitude = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${exponent < 0 ? '-' : '+'}${magnitude}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

const separators = /(?<=\d)_(?=\d)/g;
const doublePattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const namedPattern = /^([+-]?)(?:(inf|infinity)|(nan))$/i;

/** What DuckDB's cast from text gives, or null when it refuses. */
export function parseDouble(text: string): number | null {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '').replace(separators, '');
  if (doublePattern.test(trimmed)) return Number(trimmed);
  const named = namedPattern.exec(trimmed);
  if (named === null) return null;
  return named[3] === undefined ? (named[1] === '-' ? -Infinity : Infinity) : NaN;
}

const numberPattern = /^([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d+))?$/;
const radixPattern = /^0(?:[xX]([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)|[bB]([01]+(?:_[01]+)*))$/;
/** Beyond this no digit of a 128-bit number is left. */
const exponentMax = 32767;

export type IntegerMode = 'signed' | 'unsigned' | 'hugeint' | { readonly width: number; readonly scale: number };

/** text * 10^scale as an integer, half away from zero; null when the text is no number. Range is the caller's to check. */
export function parseInteger(text: string, mode: IntegerMode): bigint | null {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
  if (mode === 'signed' || mode === 'unsigned') {
    const radix = radixPattern.exec(trimmed);
    if (radix !== null) return BigInt((radix[1] === undefined ? '0b' : '0x') + (radix[1] ?? radix[2] ?? '').replaceAll('_', ''));
  }
  const match = numberPattern.exec(trimmed.replace(separators, ''));
  if (match === null) return null;
  const negative = match[1] === '-';
  if (negative && mode === 'unsigned' && !/^-0+$/.test(trimmed)) return null;
  const exponent = Number(match[5] ?? 0);
  if (Math.abs(exponent) > exponentMax) return null;
  const fraction = match[3] ?? match[4] ?? '';
  const scale = typeof mode === 'object' ? mode.scale : 0;
  const magnitude = scaled(BigInt((match[2] ?? '') + fraction), exponent - fraction.length + scale);
  return magnitude === null ? null : negative ? -magnitude : magnitude;
}

function scaled(digits: bigint, shift: number): bigint | null {
  if (digits === 0n) return 0n;
  if (shift >= 0) return shift > 60 ? null : digits * 10n ** BigInt(shift);
  const power = 10n ** BigInt(-shift);
  return (2n * digits + power) / (2n * power);
}
