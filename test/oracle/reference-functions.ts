import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  LIST,
  VARCHAR,
  BIGINT,
} from '@duckdb/node-api';
import type { DataType } from '../../connectors/data-type.ts';
import { instantiateComponent } from '../../engine/compile/user-functions/function-host.ts';
import { loadFunction } from '../../engine/compile/user-functions/load-component.ts';
import type { UserFunction } from '../../engine/plan/catalog.ts';

const types: Readonly<Record<string, DuckDBType>> = { bigint: BIGINT, integer: INTEGER, double: DOUBLE, varchar: VARCHAR };

function duckType(type: DataType): DuckDBType {
  return type.kind === 'list' ? LIST(duckType(type.child)) : (types[type.kind] as DuckDBType);
}

/** Declares functions in WebAssembly to DuckDB, which calls the same components row by row. */
export async function registerFunctions(connection: DuckDBConnection, functions: readonly UserFunction[]): Promise<void> {
  for (const declared of functions) {
    const program = await loadFunction(declared);
    const call = (await instantiateComponent(program))[program.export] as (...args: unknown[]) => DuckDBValue;
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name: declared.name,
        parameterTypes: declared.parameters.map(duckType),
        returnType: duckType(declared.returns),
        mainFunction(_info, input, output) {
          for (let row = 0; row < input.rowCount; row++) {
            const args = declared.parameters.map((_, index) => input.getColumnVector(index).getItem(row));
            output.setItem(row, args.includes(null) ? null : call(...args.map(bareArgument)));
          }
          output.flush();
        },
      }),
    );
  }
}

function bareArgument(value: DuckDBValue): unknown {
  return value !== null && typeof value === 'object' && 'items' in value ? value.items : value;
}
