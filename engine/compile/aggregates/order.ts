import type { Machine } from '../machine-type.ts';
import type { ModuleBuilder } from '../module-builder.ts';

/** a < b in SQL's order, both not NULL; null for machines that have none here. */
export function lessThan(module: ModuleBuilder, machine: Machine, a: readonly string[], b: readonly string[]): string {
  switch (machine) {
    case 'f64':
    case 'f32': {
      const order = module.import('order', 'doubleOrder');
      // Adding 0 makes the two zeros one.
      return `(${order}(<f64>${a[0]} + 0.0) < ${order}(<f64>${b[0]} + 0.0))`;
    }
    case 'i128':
    case 'u128':
      return `(${a[1]} < ${b[1]} || (${a[1]} == ${b[1]} && ${a[0]} < ${b[0]}))`;
    case 'string':
      return `(${module.import('string-table', 'compareStrings')}(${a[0]}, ${b[0]}) < 0)`;
    case 'bool':
      return `(<i32>${a[0]} < <i32>${b[0]})`;
    default:
      return `(${a[0]} < ${b[0]})`;
  }
}
