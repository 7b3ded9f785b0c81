import { LIST, DOUBLE, type DuckDBType, STRUCT, BOOLEAN, VARCHAR } from '@duckdb/node-api';
import type { DataType } from '../../connectors/data-type.ts';
import type { LearningFunction, LearningParameter } from '../plan/learning/learning-function.ts';
import { learningFunctions, learningMarker, learningType } from '../plan/learning/learning-functions.ts';

/** The functions that learn, as macros with named parameters over marker functions, for binding only. */
export const learningMacros = learningFunctions.map(macro).join('\n');

function macro(learns: LearningFunction): string {
  const { parameters } = learns;
  const required = parameters.filter(({ fallback }) => fallback === null).map(({ name }) => name);
  const named = parameters.flatMap(({ name, fallback }) => (fallback === null ? [] : [`${name} := ${fallback}`]));
  return `CREATE MACRO ${learns.name}(${['value', 'history', ...required, ...named].join(', ')}) AS
  ${learningMarker(learns)}(${[`value::${learningValueDuckType(learns)}`, 'history', ...parameters.map(numberText)].join(', ')});`;
}

/** Not NULL: DuckDB would take the whole call for NULL. */
function numberText({ name, kind, choices = {} }: LearningParameter): string {
  const cases = Object.entries(choices).map(([word, number]) => `WHEN '${word}' THEN ${number}`);
  const number =
    kind === 'interval' ? `epoch(${name}::INTERVAL) * 1000000` : kind === 'choice' ? `CASE lower(${name}) ${cases.join(' ')} END` : name;
  return `coalesce((${number})::DOUBLE, 'nan'::DOUBLE)`;
}

export function learningValueDuckType({ values }: LearningFunction): DuckDBType {
  return values === 'numbers' ? LIST(DOUBLE) : values === 'text' ? VARCHAR : DOUBLE;
}

export function learningDuckType(learns: LearningFunction): DuckDBType {
  return duckType(learningType(learns));
}

function duckType(type: DataType): DuckDBType {
  switch (type.kind) {
    case 'double':
      return DOUBLE;
    case 'boolean':
      return BOOLEAN;
    case 'varchar':
      return VARCHAR;
    case 'list':
      return LIST(duckType(type.child));
    case 'struct':
      return STRUCT(Object.fromEntries(type.fields.map(({ name, type: field }) => [name, duckType(field)])));
    default:
      throw new Error(`a function that learns gives no ${type.kind}`);
  }
}
