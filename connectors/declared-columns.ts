import { distance } from 'fastest-levenshtein';
import type { ColumnSpec } from './data-type.ts';
import { typeName } from './type-name.ts';

export interface ColumnFault {
  readonly column: string;
  readonly message: string;
  readonly hint?: string;
}

const spellingDistanceMax = 3;

/** For a connector that gives fixed columns: which of the declared ones it does not give, or not so. */
export function checkDeclaredColumns(declared: readonly ColumnSpec[], given: readonly ColumnSpec[], what: string): readonly ColumnFault[] {
  const faults: ColumnFault[] = [];
  for (const column of declared) {
    const known = given.find((candidate) => candidate.name === column.name.toLowerCase());
    if (known === undefined) {
      faults.push({ column: column.name, message: `${what} has no column "${column.name}"`, hint: likelyColumn(column.name, given) });
      continue;
    }
    const type = typeName(known.type);
    if (typeName(column.type) !== type) {
      faults.push({
        column: column.name,
        message: `"${column.name}" is ${type} in ${what}, not ${typeName(column.type)}`,
        hint: `declare it as ${type}`,
      });
    } else if (known.nullable && !column.nullable) {
      faults.push({ column: column.name, message: `"${column.name}" can be NULL in ${what}`, hint: 'drop NOT NULL' });
    }
  }
  return faults;
}

function likelyColumn(name: string, given: readonly ColumnSpec[]): string {
  const nearest = [...given].sort((a, b) => distance(name, a.name) - distance(name, b.name))[0];
  if (nearest !== undefined && distance(name.toLowerCase(), nearest.name) <= spellingDistanceMax) return `did you mean ${nearest.name}?`;
  return `it has ${given.map((column) => column.name).join(', ')}`;
}
