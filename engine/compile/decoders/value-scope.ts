import type { DecoderSpec } from '../../../connectors/formats/decoder.ts';
import type { JsonColumn } from '../../../connectors/formats/json-layout.ts';
import type { ModuleBuilder } from '../module-builder.ts';

/** What the text of one value needs to know. */
export interface ValueScope {
  readonly module: ModuleBuilder;
  readonly column: JsonColumn;
  readonly timestampUnit: DecoderSpec['timestampUnit'];
  /** Statements that say that the column has a value, or none. */
  readonly seen: string;
  readonly unseen: string;
}

export function use(scope: ValueScope, file: string, ...names: string[]): void {
  for (const name of names) scope.module.import(file, name);
}

export function address({ column }: ValueScope): string {
  const shift = Math.log2(column.width);
  return shift === 0 ? 'columns + row' : `columns + (row << ${shift})`;
}

/** Stores `value` of AssemblyScript's `type`; nothing where the column is only checked. */
export function keep(scope: ValueScope, type: string, value: string): string {
  return scope.column.storage === 'none' ? '' : `store<${type}>(${address(scope)}, ${value}, ${scope.column.offset});`;
}

/** What to do where `p` would become 0: the value is null, or the host must look at it. */
export function orNull(scope: ValueScope, position: string): string {
  use(scope, 'json/scan', 'isNull');
  return `if (${position} == 0) {
          if (!isNull(p)) return false;
          p += 4;
          ${scope.unseen}
          break;
        }`;
}
