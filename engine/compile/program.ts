import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';

/** A query ready to run: its wasm module and what the host must know to feed it. Plain data: it crosses threads and is cached on disk. */
export interface QueryProgram {
  /** Hash of the generated source, the kernels and the compiler's version. */
  readonly key: string;
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** Generated AssemblyScript, as `explain --kernel` shows it. */
  readonly source: string;
  readonly inputs: readonly ProgramInput[];
  readonly outputs: readonly ColumnSpec[];
  readonly operators: readonly ProgramOperator[];
  /** True when every output row is made by the input row at hand: nothing is kept. */
  readonly stateless: boolean;
  /** Functions in WebAssembly that the module calls. */
  readonly functions: readonly FunctionProgram[];
}

/** A user's function as it runs: a component made into a script and core modules. */
export interface FunctionProgram {
  readonly name: string;
  readonly parameters: readonly DataType[];
  readonly returns: DataType;
  /** What the script's instance calls it. */
  readonly export: string;
  /** Hash of the component: functions of one share an instance in each module. */
  readonly key: string;
  /** JavaScript module with `instantiate(getCoreModule, imports)`. */
  readonly script: string;
  readonly modules: readonly { readonly path: string; readonly wasm: Uint8Array<ArrayBuffer> }[];
}

export interface ProgramInput {
  readonly table: string;
  /** Names of the table's columns that the module reads, in the order in which a batch must hold them. */
  readonly columns: readonly string[];
  /** Number of the module's buffer that its columns begin at; 0 when absent. */
  readonly firstBuffer?: number;
  /** Its batches carry weights: a view that changes. */
  readonly weighted?: boolean;
}

export interface ProgramOperator {
  /** Plan node's id. */
  readonly node: number;
  readonly kind: string;
  readonly label: string;
  readonly stateful: boolean;
}

/** Counters since the instance was made; one entry per operator of the program. */
export interface OperatorCounters {
  readonly node: number;
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly stateBytes: number;
  readonly stateRows: number;
}
