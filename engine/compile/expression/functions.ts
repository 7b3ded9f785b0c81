import type { FunctionEntry } from './function-call.ts';
import { arithmeticFunctions } from './functions/arithmetic.ts';
import { bitFunctions } from './functions/bits.ts';
import { choiceFunctions } from './functions/choice.ts';
import { jsonFunctions } from './functions/json.ts';
import { listAggregateFunctions } from './functions/list-aggregate.ts';
import { listFunctions } from './functions/list.ts';
import { listMakingFunctions } from './functions/list-make.ts';
import { mathFunctions } from './functions/math.ts';
import { momentFunctions } from './functions/moment.ts';
import { intervalFunctions } from './functions/interval.ts';
import { nestedFunctions } from './functions/nested.ts';
import { patternFunctions } from './functions/pattern.ts';
import { textFunctions } from './functions/text.ts';

/** Every scalar function that a continuous query can run. */
export const functions: readonly FunctionEntry[] = [
  ...arithmeticFunctions,
  ...bitFunctions,
  ...mathFunctions,
  ...choiceFunctions,
  ...textFunctions,
  ...patternFunctions,
  ...momentFunctions,
  ...intervalFunctions,
  ...nestedFunctions,
  ...listMakingFunctions,
  ...listFunctions,
  ...listAggregateFunctions,
  ...jsonFunctions,
];

const byName = new Map(functions.flatMap((entry) => entry.names.map((name) => [name, entry] as const)));

export function functionNamed(name: string): FunctionEntry | undefined {
  return byName.get(name);
}

export function functionNames(): readonly string[] {
  return [...byName.keys()];
}

/** The page docs/functions.md. */
export function functionsPage(): string {
  const groups = [...new Set(functions.map((entry) => entry.group))];
  const sections = groups.map((group) => {
    const rows = functions
      .filter((entry) => entry.group === group)
      .map((entry) => `| \`${escapeBars(entry.signature)}\` | ${entry.summary} |`);
    return `## ${group}\n\n| function | gives |\n| --- | --- |\n${rows.join('\n')}\n`;
  });
  const head = [
    '# Functions in continuous queries',
    '',
    'Results, types, rounding and NULLs are DuckDB’s. Where DuckDB ends a query with an error (overflow, a cast without an answer), the',
    'continuous query ends too; TRY_CAST gives NULL instead. Besides functions, queries have comparison, `IS [NOT] DISTINCT FROM`, AND, OR,',
    'NOT, `IS [NOT] NULL`, CASE, COALESCE, NULLIF, IN, BETWEEN, CAST and TRY_CAST. A function that is not listed is refused when the query',
    'is compiled (E0501).',
  ];
  return `${head.join('\n')}\n\n${sections.join('\n')}`;
}

function escapeBars(text: string): string {
  return text.replaceAll('|', '\\|');
}
