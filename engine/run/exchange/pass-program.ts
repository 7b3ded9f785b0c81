import type { Batch } from '../../../connectors/batch.ts';
import type { OperatorCounters, QueryProgram } from '../../compile/program.ts';
import type { QueryInstance } from '../../compile/query-instance.ts';
import type { QueryDefinition } from '../../plan/catalog.ts';
import type { PlanNode } from '../../plan/plan.ts';

const passing = 'pass';

/** A fragment that only picks columns of a table: its rows need no kernel on their way. Null for others. */
export function passProgram({ id, plan, schema, resultChanges }: QueryDefinition): QueryProgram | null {
  const picked = pickedColumns(plan);
  if (picked === null) return null;
  return {
    key: `${passing} ${id}`,
    wasm: new Uint8Array(0),
    source: passing,
    inputs: [{ table: picked.table, columns: picked.columns, ...(resultChanges ? { weighted: true } : {}) }],
    outputs: schema,
    functions: [],
    operators: picked.nodes.map((node) => ({ node, kind: 'project', label: 'pass', stateful: false })),
    stateless: true,
  };
}

export function isPassing(program: QueryProgram): boolean {
  return program.source === passing;
}

function pickedColumns(node: PlanNode): { table: string; columns: readonly string[]; nodes: number[] } | null {
  if (node.kind === 'scan') return { table: node.table, columns: node.columns, nodes: [node.id] };
  if (node.kind !== 'project') return null;
  const input = pickedColumns(node.input);
  if (input === null) return null;
  const columns: string[] = [];
  for (const expression of node.expressions) {
    if (expression.kind !== 'column') return null;
    columns.push(input.columns[expression.index] as string);
  }
  return { table: input.table, columns, nodes: [...input.nodes, node.id] };
}

/** Gives each batch back as it came. */
export class PassInstance implements QueryInstance {
  readonly #nodes: readonly number[];
  #batches: Batch[] = [];
  #rows = 0;

  constructor(program: QueryProgram) {
    this.#nodes = program.operators.map(({ node }) => node);
  }

  push(_input: number, batch: Batch): void {
    this.#rows += batch.rows;
    this.#batches.push(batch);
  }

  replace(): void {}

  advance(): void {}

  take(): Batch | null {
    return this.#batches.shift() ?? null;
  }

  resumeFrom(): void {}

  oldestOpenStart(asked: bigint | null = null): bigint | null {
    return asked;
  }

  counters(): OperatorCounters[] {
    return this.#nodes.map((node) => ({ node, rowsIn: this.#rows, rowsOut: this.#rows, stateBytes: 0, stateRows: 0 }));
  }

  memoryBytes(): number {
    return 0;
  }
}
