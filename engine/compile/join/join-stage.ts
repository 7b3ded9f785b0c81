import { timeLimits } from '../../plan/bounds/join.ts';
import { joinLimits } from '../../plan/bounds/join-limits.ts';
import { larger } from '../../plan/larger.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { type Facts, unknownDelay } from '../../plan/time-fact.ts';
import { columnsOf } from '../../plan/walk-expression.ts';
import { PassedColumns } from '../passed-columns.ts';
import type { Flow } from '../flow.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { notSupported } from '../refuse.ts';
import { RowScope } from '../row-scope.ts';
import type { Stage, StageContext } from '../stage.ts';
import { generatedFunction, indent } from '../text.ts';
import { withoutImplied } from './implied-keys.ts';
import { JoinKeys } from './join-keys.ts';
import { JoinSide, type JoinNode, rowHeaderBytes, type SideName } from './join-side.ts';
import { control, finishKeeping, isLone, itemBytes } from './keep-rows.ts';
import { buildAsofStage } from './asof-stage.ts';
import { buildLookupStage } from './lookup-stage.ts';
import { generateLife } from './join-life.ts';
import { generateExpiry, generateMatching } from './match-rows.ts';

const batchRows = 8192;
const sideBytes = 104;

/** Types of join that put a row of the left out for having no partner, or for having one. */
const tracksLeft: ReadonlySet<string> = new Set(['left', 'full', 'semi', 'anti', 'mark', 'single']);
const tracksRight: ReadonlySet<string> = new Set(['right', 'full']);
const givesPairs: ReadonlySet<string> = new Set(['inner', 'left', 'right', 'full', 'single']);

/**
 * A join that keeps the rows of both sides by key. A row that comes is kept, then meets the kept rows of the other side; a pair goes
 * out when its later row comes. A row of an outer side without a partner goes out when no partner can come any more; when results
 * may change, at once, and is taken back with its first partner.
 */
export class JoinStage {
  readonly module: ModuleBuilder;
  readonly node: JoinNode;
  readonly number: number;
  readonly left: JoinSide;
  readonly right: JoinSide;
  readonly keys: JoinKeys;
  /** Rows without a partner go out at once and may be taken back. */
  readonly eager: boolean;
  readonly ttlMicros: bigint | null;
  /** How far apart in event time (microseconds) the rows of a pair can be; null: any distance. */
  readonly spanMicros: bigint | null;
  readonly columns: PassedColumns;
  readonly #needed: ReadonlySet<number>;

  constructor(context: StageContext, node: JoinNode, flows: readonly [Flow, Flow]) {
    this.module = context.module;
    this.node = withoutImplied(node, flows);
    this.number = context.number;
    const changes = context.changes(node);
    this.eager = changes;
    const { stateTtlMs } = context.query.options;
    this.ttlMicros = stateTtlMs === null ? null : BigInt(stateTtlMs) * 1000n;
    this.#needed = context.needed(node);
    this.module.reserve(this.control, control.bytes);
    this.module.reserve(this.items, batchRows * itemBytes);
    const facts = { left: context.facts(node.left), right: context.facts(node.right) };
    const limits = joinLimits(this.node, facts.left, facts.right);
    this.spanMicros = spanOf(node, facts.left, facts.right);
    const inner = node.type === 'inner';
    const side = (name: SideName, flow: Flow): JoinSide => {
      const address = `join${this.number}${name}`;
      this.module.reserve(address, sideBytes);
      const tracked = (name === 'left' ? tracksLeft : tracksRight).has(node.type);
      const missing = (name === 'left' ? ['right', 'full'] : ['left', 'full', 'single']).includes(node.type);
      const columns = this.#columnsKept(name);
      return new JoinSide({
        name,
        node: this.node,
        flow,
        facts: facts[name],
        limits: limits[name],
        columns,
        missing,
        address,
        tracked,
        headerBytes: rowHeaderBytes,
        keepsCompared: true,
        readsKeys: inner,
      });
    };
    this.left = side('left', flows[0]);
    this.right = side('right', flows[1]);
    this.keys = new JoinKeys(this.module, this.node, this.left.keys, this.right.keys);
    if (inner) this.left.readKey = this.right.readKey = (k) => this.keys.read(k, 'key');
    this.columns = new PassedColumns(this.module, `joined${this.number}_`, changes);
    for (const { name, layout } of [this.left, this.right]) this.module.reserve(this.#nobody(name), layout.bytes);
  }

  get weight(): string | null {
    return this.columns.weight;
  }

  get control(): string {
    return `join${this.number}`;
  }

  /** Address of the list of rows that have come. */
  get items(): string {
    return `join${this.number}Items`;
  }

  get givesPairs(): boolean {
    return givesPairs.has(this.node.type);
  }

  stopsAtFirst(side: JoinSide): boolean {
    return side.tracked && !this.eager && !this.givesPairs;
  }

  /** Watermark from which a row that comes now is forgotten, where no time bounds it. */
  timeToLive(): string {
    if (this.ttlMicros === null) throw notSupported('a join without a limit of time', this.node.span, 'add state_ttl to the view');
    return `(watermark == i64.MIN_VALUE ? i64.MAX_VALUE : ${this.module.import('join-floor', 'laterBy')}(watermark, ${this.ttlMicros}))`;
  }

  /** Event time (i64 expression) before which no source row made one that comes now. */
  arrival(side: JoinSide): string {
    const later = this.module.import('join-floor', 'laterBy');
    const restart = `${later}(load<i64>(${this.control}, ${control.resume}), -${this.ttlMicros ?? 0n})`;
    const since = side.expiry === null ? `max<i64>(watermark, ${restart})` : 'watermark';
    return `${later}(${since}, -${side.flow.reachMicros})`;
  }

  /** Statements that put out a pair. */
  put(left: string, right: string, weight: string): string[] {
    const weights = this.weight === null ? '' : `, ${weight}`;
    const key = this.node.type === 'inner' ? ', key' : '';
    return [`put${this.number}(o, ${this.givesPairs ? `${left}, ${right}` : left}${key}${weights});`, 'o++;'];
  }

  #putMark(left: string, mark: string, weight: string): string[] {
    const weights = this.weight === null ? '' : `, ${weight}`;
    return [`put${this.number}(o, ${left}, ${mark}${weights});`, 'o++;'];
  }

  /** Puts out a row of `side` that has no partner. */
  withoutPartner(side: JoinSide, row: string, weight: string): string[] {
    if (this.node.type === 'mark') return this.#putMark(row, 'false', weight);
    if (this.node.type === 'semi') return [];
    return side.name === 'left' ? this.put(row, this.#nobody('right'), weight) : this.put(this.#nobody('left'), row, weight);
  }

  /** A kept row has found its first partner. */
  firstPartner(side: JoinSide, row: string): string[] {
    const { type } = this.node;
    if (type === 'semi') return this.put(row, '', '1');
    if (type === 'mark') return [...(this.eager ? this.#putMark(row, 'false', '-1') : []), ...this.#putMark(row, 'true', '1')];
    return this.eager ? this.withoutPartner(side, row, '-1') : [];
  }

  /** A kept row's last partner has been taken back. */
  lastPartnerGone(side: JoinSide, row: string): string[] {
    const { type } = this.node;
    if (type === 'semi') return this.put(row, '', '-1');
    if (type === 'mark') return [...this.#putMark(row, 'true', '-1'), ...this.#putMark(row, 'false', '1')];
    return this.withoutPartner(side, row, '1');
  }

  /** A row that has come has met all partners there are. */
  ownResult(side: JoinSide, row: string, matches: string, weight: string): string[] {
    const { type } = this.node;
    if (type === 'semi') return [`if (${matches} != 0) {`, ...indent(this.put(row, '', weight)), '}'];
    if (this.eager) {
      if (type === 'mark') return this.#putMark(row, `${matches} != 0`, weight);
      return [`if (${matches} == 0) {`, ...indent(this.withoutPartner(side, row, weight)), '}'];
    }
    const wait = [`${this.module.import('join-side', 'awaitExpiry')}(${side.address}, ${row});`];
    const now = indent(this.withoutPartner(side, row, '1'));
    const alone = side.matchable.length === 0 ? wait : [`if ((flags & ${isLone}) != 0) {`, ...now, '} else {', ...indent(wait), '}'];
    const found = type === 'mark' ? [` else {`, ...indent(this.#putMark(row, 'true', '1')), '}'] : [];
    const lines = [`if (${matches} == 0) {`, ...indent(alone), '}'];
    return found.length === 0 ? lines : [...lines.slice(0, -1), `}${found[0]}`, ...found.slice(1)];
  }

  /** A scalar subquery has one row at most. */
  single(before: string, side: JoinSide): string[] {
    if (this.node.type !== 'single' || side.name !== 'left') return [];
    const { module } = this;
    return [`if (${before} != 0) ${module.import('fault', 'fail')}(${module.import('fault', 'faultManyRows')});`];
  }

  /** `putK`: writes one row. */
  generatePut(): string {
    const { node, module, left, right } = this;
    const scope = new RowScope(module, node.id, [], 'row');
    const width = node.left.schema.length;
    const stores = node.schema.flatMap(({ type }, k) => {
      if (!this.#needed.has(k)) return this.columns.leaveOut(type);
      if (k < width) return this.columns.add(left.column(scope, k, 'left'));
      if (node.type === 'mark') return this.columns.add({ type, machine: 'bool', parts: ['mark'], valid: 'true' });
      return this.columns.add(right.column(scope, k - width, 'right'));
    });
    if (this.weight !== null) stores.push(`store<i32>(${this.weight} + (<usize>o << 2), weight);`);
    const key = node.type === 'inner' ? ', key: usize' : '';
    const second = this.givesPairs ? `, right: usize${key}` : node.type === 'mark' ? ', mark: bool' : '';
    const weight = this.weight === null ? '' : ', weight: i32';
    return generatedFunction(`function put${this.number}(o: u32, left: usize${second}${weight}): void`, [...scope.lines, ...stores]);
  }

  /** A slot of NULLs, which stands for the partner that a row does not have. */
  #nobody(side: SideName): string {
    return `join${this.number}No${side === 'left' ? 'Left' : 'Right'}`;
  }

  #columnsKept(name: SideName): number[] {
    const { node } = this;
    const width = node.left.schema.length;
    const read = new Set([...this.#needed, ...(node.residual === null ? [] : columnsOf(node.residual))]);
    return node[name].schema.map((_, index) => index).filter((index) => read.has(name === 'left' ? index : width + index));
  }
}

/** Joins of two streams; see the other files here for lookups and ASOF. */
export function buildJoinStage(context: StageContext, node: PlanNode, flows: readonly Flow[]): Stage {
  const join = node as JoinNode;
  const by = context.query.bounds.find((bound) => bound.node === node.id)?.by;
  if (by === 'lookup') return buildLookupStage(context, join, flows as readonly [Flow, Flow]);
  if (join.asof) return buildAsofStage(context, join, flows as readonly [Flow, Flow]);
  refuseUnbuilt(by, join);
  const stage = new JoinStage(context, join, flows as readonly [Flow, Flow]);
  const { module, left, right } = stage;
  for (const side of [left, right]) finishKeeping(stage, side);
  module.add(stage.generatePut());
  module.add(generateMatching(stage, left, right));
  module.add(generateMatching(stage, right, left));
  return generateLife(
    stage,
    [left, right].filter((side) => side.tracked && !stage.eager && join.type !== 'semi'),
    generateExpiry,
  );
}

function spanOf(node: JoinNode, left: Facts, right: Facts): bigint | null {
  const limits = timeLimits(node, left, right);
  if (limits === null) return null;
  const delays = [...left, ...right].flatMap((fact) =>
    fact === null || fact.otherClock || fact.delayMicros >= unknownDelay ? [] : [fact.delayMicros],
  );
  return [-limits.lower, limits.upper].reduce(larger) + delays.reduce(larger, 0n);
}

function refuseUnbuilt(by: string | undefined, node: JoinNode): void {
  if (by === 'table') throw notSupported('a join of two tables that end', node.span, 'join each of them with the stream');
  if (node.type !== 'mark') return;
  const compared = node.conditions.flatMap((each) => (each.operator === 'is_not_distinct' ? [] : [each.left, each.right]));
  if (node.residual !== null || compared.some((each) => each.nullable))
    throw notSupported(
      'IN or NOT IN over values that can be NULL',
      node.span,
      'use EXISTS or NOT EXISTS, or leave NULLs out with IS NOT NULL',
    );
}
