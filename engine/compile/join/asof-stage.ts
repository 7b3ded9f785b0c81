import { factOf } from '../../plan/time-fact.ts';
import { larger } from '../../plan/larger.ts';
import { nodesOf } from '../../plan/walk-plan.ts';
import type { Flow } from '../flow.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { PassedColumns } from '../passed-columns.ts';
import { notSupported } from '../refuse.ts';
import { RowScope } from '../row-scope.ts';
import type { Stage, StageContext } from '../stage.ts';
import { generatedFunction, indent } from '../text.ts';
import { asofControl, generateAsofLife, loneLines } from './asof-life.ts';
import { isKeyOperator, JoinKeys } from './join-keys.ts';
import { type JoinNode, JoinSide, type SideName } from './join-side.ts';

/** Bytes of a record before its columns: its time. The key lies behind the columns. */
const recordHeaderBytes = 8;
/** Rows whose versions are touched together, so that their cache misses overlap, when the table is larger than `touchBytesMin`. */
const touchRows = 64;
const touchBytesMin = 1 << 16;
/** Of a record's address in the queue: the row has no partner. */
const isLone = 1;

/**
 * ASOF JOIN: each row of the left with the newest row of the right at or before it (or before it), by key. Rows of both sides wait
 * until the watermark has passed them and are then taken in the order of their time: one of the right becomes its key's newest
 * version, one of the left meets the version there is. State: what waits, and the newest version of each key.
 */
export class AsofStage {
  readonly module: ModuleBuilder;
  readonly node: JoinNode;
  readonly number: number;
  readonly left: JoinSide;
  readonly right: JoinSide;
  readonly keys: JoinKeys;
  readonly columns: PassedColumns;
  /** How far (microseconds) the slower side's time may be behind the query's watermark. */
  readonly delayMicros: bigint;
  /** The versions are read anew at each start. */
  readonly loaded: boolean;
  /** At equal times the right comes first. */
  readonly orEqual: boolean;
  readonly #needed: ReadonlySet<number>;

  constructor(context: StageContext, node: JoinNode, flows: readonly [Flow, Flow]) {
    this.module = context.module;
    this.node = node;
    this.number = context.number;
    this.#needed = context.needed(node);
    const order = orderOf(node);
    this.orEqual = order.operator === '>=';
    this.loaded = [...nodesOf(node.right)].every((each) => each.kind !== 'scan' || context.query.lookups.includes(each.table));
    const facts = [factOf(order.left, context.facts(node.left)), factOf(order.right, context.facts(node.right))];
    const delays = facts.map((fact, k) => {
      if (fact === null || fact.otherClock)
        throw notSupported(
          'ASOF JOIN by a time that the watermark does not follow',
          (k === 0 ? order.left : order.right).span ?? node.span,
        );
      return fact.delayMicros;
    });
    this.delayMicros = delays.reduce(larger);
    this.module.reserve(this.control, asofControl.bytes);
    this.left = this.#side('left', flows[0]);
    this.right = this.#side('right', flows[1]);
    this.keys = new JoinKeys(this.module, node, this.left.keys, this.right.keys);
    this.columns = new PassedColumns(this.module, `joined${this.number}_`, false);
    this.module.reserve(this.nobody, this.right.layout.bytes);
  }

  /** Whether rows of the left have no time, and come out nevertheless. */
  get lonePossible(): boolean {
    return this.node.type === 'left' && this.left.comparedValues[0]!.valid !== 'true';
  }

  get control(): string {
    return `asof${this.number}`;
  }

  /** A version of NULLs. */
  get nobody(): string {
    return `asof${this.number}Nobody`;
  }

  pool(side: JoinSide): string {
    return `${this.control} + ${side.name === 'left' ? asofControl.leftPool : asofControl.rightPool}`;
  }

  recordBytes(side: JoinSide): number {
    return side.layout.bytes + this.keys.bytes;
  }

  kind(side: JoinSide): number {
    return (side.name === 'right') === this.orEqual ? 0 : 1;
  }

  /** The flow's function: rows go into records that wait in the queue. */
  finishWaiting(side: JoinSide): void {
    const { module, keys, control } = this;
    const { scope, matchable, layout } = side;
    const time = side.comparedValues[0]!;
    const outer = side.name === 'left' && this.node.type === 'left';
    // As DuckDB: here NULL is no key's equal, whatever the operator.
    const valid = [...new Set([...matchable, ...side.keys.map((key) => key.valid), time.valid])].filter((each) => each !== 'true');
    if (!outer && valid.length > 0) scope.emit(`if (!(${valid.join(' && ')})) continue;`);
    const { words, mark } = keys.pack(scope, side.keys);
    const lone = outer && valid.length > 0 ? ` | (<usize>!(${valid.join(' && ')}) * ${isLone})` : '';
    const at = time.parts[0] as string;
    const timeless =
      outer && this.lonePossible
        ? [
            `if (!${time.valid}) {`,
            `  ${module.import('row-list', 'appendRow')}(${control} + ${asofControl.lone}, slot);`,
            '  continue;',
            '}',
          ]
        : [];
    const lines = [
      ...scope.lines,
      `const slot = ${module.import('record-pool', 'takeRecord')}(${this.pool(side)});`,
      `store<i64>(slot, ${at});`,
      ...keys.store('slot', words, mark, layout.bytes),
      ...layout.write(side.kept, 'slot'),
      ...timeless,
      `if (${at} == i64.MAX_VALUE && bound < load<i64>(${control}, ${asofControl.endless})) store<i64>(${control}, bound, ${asofControl.endless});`,
      `${module.import('time-queue', 'enqueue')}(${control}, ${at}, slot${lone}, ${this.kind(side)});`,
    ];
    side.flow.finish([
      `const bound = load<i64>(${control}, ${asofControl.bound});`,
      'for (let r = from; r < to; r += 2) {',
      '  const row = <usize>load<u16>(r);',
      ...indent(lines),
      '}',
    ]);
  }

  /** `putK`: a row of the left with its version. */
  generatePut(): string {
    const { node, module, left, right } = this;
    const scope = new RowScope(module, node.id, [], 'row');
    const width = node.left.schema.length;
    const stores = node.schema.flatMap(({ type }, k) => {
      if (!this.#needed.has(k)) return this.columns.leaveOut(type);
      return this.columns.add(k < width ? left.column(scope, k, 'left') : right.column(scope, k - width, 'right'));
    });
    return generatedFunction(`function put${this.number}(o: u32, left: usize, right: usize): void`, [...scope.lines, ...stores]);
  }

  /** Takes what the watermark has passed, in order. */
  generateEmission(): string {
    const { module, keys, control, left, right } = this;
    const queue = (name: string) => module.import('time-queue', name);
    const versions = (name: string) => module.import('version-table', name);
    const give = module.import('record-pool', 'giveRecord');
    const table = `${control} + ${asofControl.versions}`;
    const key = (side: JoinSide) => {
      const { lines, words, mark } = keys.load('record', side.layout.bytes);
      return [...lines, ...keys.find(words, mark, 'version', right.layout.bytes)];
    };
    const upsert = [
      'let version: usize = 0;',
      ...key(right),
      'if (version == 0) {',
      `  ${versions('addVersion')}(${table}, entry, record, tag);`,
      ...indent(this.tableLocals('')),
      '} else if (load<i64>(version) > time) {',
      `  ${give}(${this.pool(right)}, record);`,
      '} else {',
      '  store<u32>(table + entry, <u32>record);',
      `  ${give}(${this.pool(right)}, version);`,
      '}',
    ];
    const meet = [
      'if (time >= done) {',
      '  let version: usize = 0;',
      ...(this.node.type === 'left' ? [`  if ((item & ${isLone}) == 0) {`, ...indent(key(left), 2), '  }'] : indent(key(left))),
      ...(this.node.type === 'left'
        ? [`  put${this.number}(o, record, version == 0 ? ${this.nobody} : version);`, '  o++;']
        : ['  if (version != 0) {', `    put${this.number}(o, record, version);`, '    o++;', '  }']),
      '}',
      `${give}(${this.pool(left)}, record);`,
    ];
    return generatedFunction(`function emit${this.number}(): u32`, [
      ...this.columns.clear(),
      'let o: u32 = 0;',
      ...(this.lonePossible ? loneLines(this) : []),
      `const bound = load<i64>(${control}, ${asofControl.bound});`,
      `const done = load<i64>(${control}, ${asofControl.done});`,
      `const multiplier = load<u64>(${control}, ${asofControl.multiplier});`,
      ...this.tableLocals('let '),
      'let ahead: u32 = 0;',
      'let touched: u64 = 0;',
      `while (o < 8192 && ${queue('queueLength')}(${control}) != 0) {`,
      ...indent(this.#touchLines()),
      `  const first = ${queue('queueEntry')}(${control}, 0);`,
      '  const time = load<i64>(first);',
      '  if (time >= bound && bound != i64.MAX_VALUE) break;',
      '  const item = <usize>load<u32>(first, 8);',
      '  const record = item & ~7;',
      '  const kind = load<u32>(first, 12);',
      `  ${queue('dropFirst')}(${control});`,
      `  if (kind == ${this.kind(right)}) {`,
      ...indent(upsert, 2),
      '  } else {',
      ...indent(meet, 2),
      '  }',
      '}',
      `store<u64>(${control}, touched, ${asofControl.touched});`,
      'return o;',
    ]);
  }

  /** Looks at the versions that the next rows of the queue will meet. */
  #touchLines(): string[] {
    const { module, keys, control, left, right } = this;
    const queue = (name: string) => module.import('time-queue', name);
    const { lines, words, mark } = keys.load('key', 0);
    return [
      `if (mask > ${touchBytesMin} && ahead == 0) {`,
      `  ahead = min<u32>(${queue('queueLength')}(${control}), ${touchRows});`,
      '  for (let k: u32 = 0; k < ahead; k++) {',
      `    const waiting = ${queue('queueEntry')}(${control}, k);`,
      `    const key = <usize>(load<u32>(waiting, 8) & ~7) + (load<u32>(waiting, 12) == ${this.kind(right)} ? ${right.layout.bytes} : ${left.layout.bytes});`,
      ...indent(lines, 2),
      `    const version = <usize>load<u32>(table + (<usize>(${keys.tag(words, mark)} >> shift) << 3));`,
      `    touched ^= load<u64>(version) ^ load<u64>(version, ${right.layout.bytes});`,
      '  }',
      '}',
      'ahead--;',
    ];
  }

  tableLocals(keyword: string): string[] {
    const versions = (name: string) => this.module.import('version-table', name);
    const table = `${this.control} + ${asofControl.versions}`;
    return [
      `${keyword}table = ${versions('versionEntries')}(${table});`,
      `${keyword}shift = ${versions('versionShift')}(${table});`,
      `${keyword}mask = ${versions('versionMask')}(${table});`,
    ];
  }

  #side(name: SideName, flow: Flow): JoinSide {
    const { node } = this;
    if (flow.weight !== null) throw notSupported('ASOF JOIN of rows that may be taken back', node.span);
    const offset = name === 'left' ? 0 : node.left.schema.length;
    const columns = node[name].schema.map((_, index) => index).filter((index) => this.#needed.has(index + offset));
    return new JoinSide({
      name,
      node,
      flow,
      facts: [],
      limits: [],
      columns,
      missing: name === 'right' && node.type === 'left',
      address: this.control,
      tracked: false,
      headerBytes: recordHeaderBytes,
      keepsCompared: false,
    });
  }
}

export function buildAsofStage(context: StageContext, node: JoinNode, flows: readonly [Flow, Flow]): Stage {
  const stage = new AsofStage(context, node, flows);
  stage.finishWaiting(stage.left);
  stage.finishWaiting(stage.right);
  stage.module.add(stage.generatePut());
  stage.module.add(stage.generateEmission());
  return generateAsofLife(stage);
}

/** The condition that orders; refuses what has no bound or no meaning here. */
function orderOf(node: JoinNode): JoinNode['conditions'][number] {
  const { span } = node;
  if (node.type !== 'inner' && node.type !== 'left') throw notSupported(`ASOF ${node.type.toUpperCase()} JOIN`, span);
  // DuckDB pairs rows without a time then, whatever the order says.
  const distinct = node.conditions.find(({ operator }) => operator === 'is_not_distinct');
  if (distinct !== undefined) throw notSupported('ASOF JOIN by IS NOT DISTINCT FROM', distinct.left.span ?? span, 'compare the keys by =');
  const [order, ...more] = node.conditions.filter(({ operator }) => !isKeyOperator(operator));
  if (order === undefined || more.length > 0 || node.residual !== null) throw notSupported('ASOF JOIN with further conditions', span);
  if (order.operator !== '>=' && order.operator !== '>')
    throw notSupported('ASOF JOIN with the next row', order.left.span ?? span, 'join with the newest row before: left.time >= right.time');
  if (order.left.type.kind !== 'timestamp')
    throw notSupported(`ASOF JOIN by ${order.left.type.kind.toUpperCase()}`, order.left.span ?? span);
  return order;
}
