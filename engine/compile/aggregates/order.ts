import type { DataType } from '../../../connectors/data-type.ts';
import { shapeAddress } from '../expression/packed/shape.ts';
import { type Machine, machineOf } from '../machine-type.ts';
import type { ModuleBuilder } from '../module-builder.ts';

/** a < b in SQL's order, both not NULL; of machines whose order does not hang on the type. */
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
    case 'interval':
      return `(${module.import('interval', 'compareIntervals')}(${[...a, ...b].join(', ')}) < 0)`;
    case 'bool':
      return `(<i32>${a[0]} < <i32>${b[0]})`;
    default:
      return `(${a[0]} < ${b[0]})`;
  }
}

/** a < b in SQL's order, both not NULL: an ENUM by the places of its values, a nested value by its parts. */
export function lessThanOf(module: ModuleBuilder, type: DataType, a: readonly string[], b: readonly string[]): string {
  if (type.kind === 'enum') {
    const rank = enumRank(module, type.values);
    return `(${rank}(${a[0]}) < ${rank}(${b[0]}))`;
  }
  const machine = machineOf(type);
  if (machine !== 'packed') return lessThan(module, machine, a, b);
  return `(${module.import('packed-order', 'comparePacked')}(${a[0]}, ${b[0]}, ${shapeAddress(module, type)}) < 0)`;
}

const ranks = new WeakMap<ModuleBuilder, Map<string, string>>();

/** A function that gives the place of an ENUM's value, by its string id. */
function enumRank(module: ModuleBuilder, values: readonly string[]): string {
  const known = ranks.get(module) ?? new Map<string, string>();
  ranks.set(module, known);
  const key = JSON.stringify(values);
  const existing = known.get(key);
  if (existing !== undefined) return existing;
  const name = module.name('rank');
  known.set(key, name);
  const cases = values.map((value, place) => `  if (id == ${module.stringConstant(value)}) return ${place};`);
  module.declare([`function ${name}(id: u32): u32 {`, ...cases, `  return ${values.length};`, '}'].join('\n'));
  return name;
}
