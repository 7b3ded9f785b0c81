import { DOUBLE, type DuckDBType, STRUCT, BOOLEAN, VARCHAR } from '@duckdb/node-api';
import type { DataType } from '../../connectors/data-type.ts';
import type { LearningFunction } from '../plan/learning/learning-function.ts';
import { learningFunctions, learningMarker, learningType } from '../plan/learning/learning-functions.ts';

/** The functions that learn, as macros with named parameters over marker functions, for binding only. */
export const learningMacros = learningFunctions.map(macro).join('\n');

function macro(learns: LearningFunction): string {
  const named = learns.parameters.map(({ name, fallback }) => `${name} := ${fallback}`);
  const passed = learns.parameters.map(({ name }) => `${name}::DOUBLE`);
  return `CREATE MACRO ${learns.name}(${['value', 'history', ...named].join(', ')}) AS
  ${learningMarker(learns)}(${['value::DOUBLE', 'history', ...passed].join(', ')});`;
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
    case 'struct':
      return STRUCT(Object.fromEntries(type.fields.map(({ name, type: field }) => [name, duckType(field)])));
    default:
      throw new Error(`a function that learns gives no ${type.kind}`);
  }
}
