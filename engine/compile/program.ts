import type { ColumnSpec } from '../../connectors/data-type.ts';

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
}

export interface ProgramInput {
  readonly table: string;
  /** Names of the table's columns that the module reads, in the order in which a batch must hold them. */
  readonly columns: readonly string[];
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
