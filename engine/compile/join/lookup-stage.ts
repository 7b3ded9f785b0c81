import type { PlanNode } from '../../plan/plan.ts';
import { columnsOf } from '../../plan/walk-expression.ts';
import { nodesOf } from '../../plan/walk-plan.ts';
import type { Value } from '../expression/contract.ts';
import type { Flow } from '../flow.ts';
import { truth, withInputs } from '../generate-selection.ts';
import { type AheadPass, HeldRows } from '../held-rows.ts';
import { PassedColumns } from '../passed-columns.ts';
import { notSupported } from '../refuse.ts';
import { type Binding, RowScope } from '../row-scope.ts';
import type { Stage, StageContext } from '../stage.ts';
import { generatedFunction, indent } from '../text.ts';
import { isCheap, isKeyOperator, JoinKeys } from './join-keys.ts';
import { type JoinNode, JoinSide, type SideName } from './join-side.ts';
import { LookupTable } from './lookup-table.ts';

type LookupType = 'inner' | 'left' | 'semi' | 'anti' | 'mark' | 'single';

/**
 * A stream that looks rows up in a table, which is there before the stream's first row: each row goes on at once with its partners.
 * The table is kept whole, by key; a new one takes its place between two batches. State: the table.
 */
export function buildLookupStage(context: StageContext, node: JoinNode, flows: readonly [Flow, Flow]): Stage {
  return new Lookup(context, node, flows).build();
}

class Lookup {
  readonly #context: StageContext;
  readonly #node: JoinNode;
  readonly #type: LookupType;
  readonly #stream: SideName;
  readonly #flow: Flow;
  readonly #scope: RowScope;
  readonly #keys: JoinKeys;
  readonly #table: LookupTable;
  readonly #columns: PassedColumns;
  /** Passes over rows that are soon to come, which find their partners. */
  readonly #ahead: readonly AheadPass[];
  /** When all hold the row can have a partner. */
  readonly #matchable: readonly string[];

  constructor(context: StageContext, node: JoinNode, flows: readonly [Flow, Flow]) {
    this.#context = context;
    this.#node = node;
    const { stream, type } = orientation(context, node);
    this.#stream = stream;
    this.#type = type;
    const other = stream === 'left' ? 'right' : 'left';
    this.#flow = flows[stream === 'left' ? 0 : 1];
    const { module, number } = context;
    const side = new JoinSide({
      name: other,
      node,
      flow: flows[stream === 'left' ? 1 : 0],
      facts: [],
      limits: [],
      columns: this.#kept(other),
      missing: type === 'left' || type === 'single',
      address: `lookup${number}`,
      tracked: false,
      headerBytes: 0,
      keepsCompared: true,
    });
    this.#scope = new RowScope(module, node.id, this.#flow.bindings, 'row');
    const equal = node.conditions.filter(({ operator }) => isKeyOperator(operator));
    const keys = equal.map((condition) => this.#scope.compile(condition[stream]));
    this.#matchable = this.#matchableOf(keys);
    const [left, right] = stream === 'left' ? [keys, side.keys] : [side.keys, keys];
    this.#keys = new JoinKeys(module, node, left, right);
    this.#table = new LookupTable(module, number, this.#keys, side, type === 'mark');
    this.#columns = new PassedColumns(module, `joined${number}_`, this.#flow.weight !== null);
    if (type === 'mark') this.#refuseMark();
    this.#ahead = this.#aheadPasses();
    if (this.#ahead.length > 0) this.#scope.lines.push(`let chunk = <usize>load<u32>(${this.#table.found('at')});`);
    else {
      const { words, mark } = this.#keys.pack(this.#scope, keys);
      this.#scope.lines.push(...this.#findLines(this.#matchable, words, mark));
    }
  }

  build(): Stage {
    const { module, number } = this.#context;
    const held = new HeldRows(module, number);
    this.#flow.finish(held.hold());
    this.#table.build();
    const row = this.#rowLines();
    const body = [
      ...this.#columns.clear(),
      'let o: u32 = 0;',
      ...this.#table.locals(),
      ...(this.#ahead.length === 0 ? [] : ['let touched: u64 = 0;']),
      ...held.resume(row, this.#ahead),
      ...(this.#ahead.length === 0 ? [] : [this.#table.keepTouched()]),
      'return o;',
    ];
    module.add(generatedFunction(`function emit${number}(): u32`, withInputs(body)));
    module.add(generatedFunction(`function close${number}(watermark: i64): void`, []));
    module.add(generatedFunction(`function oldest${number}(): i64`, ['return i64.MAX_VALUE;']));
    return {
      number,
      node: this.#node,
      columns: this.#columns.accesses,
      weight: this.#columns.weight,
      emits: 'always',
      marks: this.#table.marks,
      resumes: false,
      clears: true,
      reachMicros: this.#flow.reachMicros,
    };
  }

  get #givesPairs(): boolean {
    return this.#type === 'inner' || this.#type === 'left' || this.#type === 'single';
  }

  #kept(name: SideName): number[] {
    const node = this.#node;
    const offset = name === 'left' ? 0 : node.left.schema.length;
    const givesPairs = !['semi', 'anti', 'mark'].includes(node.type);
    const needed = givesPairs ? [...this.#context.needed(node)] : [];
    const read = new Set([...needed, ...(node.residual === null ? [] : columnsOf(node.residual))]);
    return node[name].schema.map((_, index) => index).filter((index) => read.has(index + offset));
  }

  /**
   * Two passes, when keys take little to compute: where the keys of a large table are is touched, so that cache misses overlap; then they
   * are found, without anything between that waits for them.
   */
  #aheadPasses(): AheadPass[] {
    const { conditions, id } = this.#node;
    const { module } = this.#context;
    const keys = conditions.filter(({ operator }) => isKeyOperator(operator)).map((condition) => condition[this.#stream]);
    if (keys.length === 0 || !keys.every((key) => isCheap(key, this.#flow.bindings))) return [];
    const pass = (write: (words: readonly string[], mark: string, keys: readonly Value[]) => string[]) => {
      const scope = new RowScope(module, id, this.#flow.bindings, 'row');
      const values = keys.map((key) => scope.compile(key));
      const { words, mark } = this.#keys.pack(scope, values);
      return [...scope.lines, ...write(words, mark, values)];
    };
    const touch = pass((words, mark) => this.#table.touch(words, mark));
    const find = pass((words, mark, values) => [
      ...this.#findLines(this.#matchableOf(values), words, mark),
      `store<u32>(${this.#table.found('next')}, <u32>chunk);`,
    ]);
    return [{ condition: this.#table.large, lines: touch }, { lines: find }];
  }

  /** Conditions on the keys: those that are NULL have no partner. */
  #matchableOf(keys: readonly Value[]): string[] {
    const equal = this.#node.conditions.filter(({ operator }) => isKeyOperator(operator));
    return [...new Set(keys.flatMap(({ valid }, k) => (equal[k]?.operator === '=' && valid !== 'true' ? [valid] : [])))];
  }

  #findLines(matchable: readonly string[], words: readonly string[], mark: string): string[] {
    const find = this.#table.find(words, mark);
    return ['let chunk: usize = 0;', ...(matchable.length === 0 ? find : [`if (${matchable.join(' && ')}) {`, ...indent(find), '}'])];
  }

  /** One row of the stream: `done` counts rows of the table that were looked at before the batch of output rows was full. */
  #rowLines(): string[] {
    const scope = this.#scope;
    const size = this.#table.side.layout.bytes;
    scope.lines.push('let seen: u32 = 0;', 'let matched = done != 0;', 'const skipped = done;', 'done = 0;');
    scope.inner('while (chunk != 0)', (chain) => {
      chain.lines.push(
        'const used = <u32>load<u8>(chunk, 4);',
        'let k: u32 = skipped > seen ? min<u32>(skipped - seen, used) : 0;',
        `let match = chunk + ${this.#keys.chunkHeaderBytes} + <usize>k * ${size};`,
      );
      chain.inner(`for (; k < used; k++, match += ${size})`, (pair) => this.#pairLines(pair));
      if (!this.#givesPairs) chain.lines.push('if (matched) break;');
      else chain.lines.push('if (done != 0) break;');
      chain.lines.push('seen += used;', 'chunk = <usize>load<u32>(chunk);');
    });
    this.#afterLines(scope);
    return scope.lines;
  }

  #pairLines(pair: RowScope): void {
    const conditions = this.#conditions(pair);
    if (conditions.length > 0) pair.lines.push(`if (!(${conditions.join(' && ')})) continue;`);
    if (this.#type === 'single') {
      const { module } = this.#context;
      pair.lines.push(`if (matched) ${module.import('fault', 'fail')}(${module.import('fault', 'faultManyRows')});`);
    }
    pair.lines.push('matched = true;');
    if (!this.#givesPairs) {
      pair.lines.push('break;');
      return;
    }
    const stores = this.#stores(pair, 'match', 'true');
    pair.lines.push(...stores, 'o++;', 'if (o == 8192) {', '  done = seen + k + 1;', '  break;', '}');
  }

  #conditions(pair: RowScope): string[] {
    const node = this.#node;
    const compared = node.conditions.filter(({ operator }) => !isKeyOperator(operator));
    const conditions = compared.map((condition, k) => {
      const own = pair.compile(condition[this.#stream]);
      const other = this.#table.side.compared(pair, k, 'match');
      const values = this.#stream === 'left' ? [own, other] : [other, own];
      const bindings = values.map((value): Binding => ({ kind: 'window', value }));
      const column = (index: number, { type, nullable }: { type: typeof condition.left.type; nullable: boolean }) =>
        ({ kind: 'column', index, type, nullable }) as const;
      const boolean = { kind: 'boolean' } as const;
      return truth(
        pair.with(node.id, bindings).compile({
          kind: 'compare',
          operator: condition.operator as never,
          left: column(0, condition.left),
          right: column(1, condition.right),
          type: boolean,
          nullable: true,
        }),
      );
    });
    if (node.residual === null) return conditions;
    const width = node.left.schema.length;
    const bindings: Binding[] = [];
    for (const column of columnsOf(node.residual)) {
      const side = column < width ? 'left' : 'right';
      const index = column < width ? column : column - width;
      bindings[column] =
        side === this.#stream
          ? (this.#flow.bindings[index] as Binding)
          : { kind: 'window', value: this.#table.side.column(pair, index, 'match') };
    }
    return [...conditions, truth(pair.with(node.id, bindings).compile(node.residual))];
  }

  #written = false;

  /** Statements that write an output row: the stream's columns, and those of the table's row at `match`. */
  #stores(scope: RowScope, match: string, mark: string): string[] {
    const node = this.#node;
    const needed = this.#context.needed(node);
    const width = node.left.schema.length;
    const first = !this.#written;
    this.#written = true;
    const lines = node.schema.flatMap(({ type }, k): string[] => {
      if (!needed.has(k)) return first ? this.#columns.leaveOut(type) : [];
      if (node.type === 'mark' && k === width) {
        const value = { type, machine: 'bool', parts: [mark], valid: this.#table.markValid(this.#matchable) } as const;
        return first ? this.#columns.add(value) : this.#columns.write(k, value);
      }
      const side = k < width ? 'left' : 'right';
      const index = k < width ? k : k - width;
      const value = side === this.#stream ? scope.column(index) : this.#table.side.column(scope, index, match);
      return first ? this.#columns.add(value) : this.#columns.write(k, value);
    });
    return [...lines, ...this.#columns.passWeight(this.#flow.weight)];
  }

  /** What a row's partners, or that it has none, mean when all of them have been seen. */
  #afterLines(scope: RowScope): void {
    const put = (condition: string, match: string, mark: string): void =>
      scope.inner(`if (${condition})`, (inner) => inner.lines.push(...this.#stores(inner, match, mark), 'o++;'));
    if (this.#type === 'left' || this.#type === 'single') put('!matched', this.#table.nobody, 'false');
    else if (this.#type === 'semi') put('matched', '', '');
    else if (this.#type === 'anti') put('!matched', '', '');
    else if (this.#type === 'mark') put('true', '', 'matched');
  }

  #refuseMark(): void {
    const { conditions, residual, span } = this.#node;
    const nullable = conditions.some((each) => each.operator === '=' && (each.left.nullable || each.right.nullable));
    if (nullable && (conditions.length > 1 || residual !== null))
      throw notSupported('IN or NOT IN over values that can be NULL, with other conditions', span, 'use EXISTS or NOT EXISTS');
    if (conditions.some(({ operator }) => !isKeyOperator(operator)) || residual !== null)
      throw notSupported('a comparison with ANY or ALL of a table', span, 'use EXISTS or NOT EXISTS');
  }
}

function orientation(context: StageContext, node: JoinNode): { stream: SideName; type: LookupType } {
  const readsStream = (side: PlanNode) =>
    [...nodesOf(side)].some((each) => each.kind === 'scan' && !context.query.lookups.includes(each.table));
  const stream: SideName = readsStream(node.left) ? 'left' : 'right';
  const table = stream === 'left' ? node.right : node.left;
  const kept = [...nodesOf(table)].find((each) => !['scan', 'filter', 'project', 'values'].includes(each.kind));
  if (kept !== undefined) throw notSupported(`a table that is looked up in through ${kept.kind}`, node.span, 'look up in the table itself');
  if (node.asof) throw notSupported('ASOF JOIN with a lookup table', node.span, 'declare the table with kind = versioned and event_time');
  if (stream === 'left') {
    if (node.type === 'right' || node.type === 'full') throw unbounded(node);
    return { stream, type: node.type };
  }
  if (node.type === 'inner') return { stream, type: 'inner' };
  if (node.type === 'right') return { stream, type: 'left' };
  throw unbounded(node);
}

function unbounded(node: JoinNode) {
  return notSupported(
    'a join that puts out what a table has and no row of the stream asks for',
    node.span,
    'read the stream first and LEFT JOIN the table',
  );
}
