import type { QueryDefinition } from '../catalog.ts';
import { belowWindows } from './below-windows.ts';
import { expressionsEqual } from './expressions-equal.ts';
import { defineFragment, type PlanPart, wholeNode } from './define-fragment.ts';
import { equalConditions, isHashable, keepsTogether, meet, projected } from './distribution.ts';
import { showsEarly } from '../early-results.ts';
import { withTime } from './with-time.ts';
import type { Distribution, Exchange, Fragment } from './fragment.ts';
import { splitAggregate } from './partial-aggregate.ts';
import { columnAt, columnNames, project, scan, selectFirst } from './plan-parts.ts';
import { factOf } from '../time-fact.ts';
import type { Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import { keepsRows } from './keeps-rows.ts';
import { inputsOf, nodesOf } from '../walk-plan.ts';

export interface CutContext {
  /** Lanes commit each by itself, and rows that are equal in the partition keys of two sources are in one lane. */
  readonly apart?: boolean;
  /** Where the rows of a scanned table are: by its columns, in the order of the table's schema. */
  readonly table: (name: string) => {
    readonly distribution: Distribution;
    readonly columns: readonly string[];
    /** Its rows never end. */
    readonly stream: boolean;
    /** Its watermark is the same in all lanes when an epoch ends. */
    readonly steady: boolean;
  };
}

export interface CutQuery {
  readonly fragments: readonly Fragment[];
  /** Where the rows of its result are. */
  readonly distribution: Distribution;
  /** Its watermark is the same in all lanes when an epoch ends. */
  readonly steady: boolean;
}

/**
 * Cuts a query where its rows must meet rows of other lanes: before the first operator that keeps state by a key that the rows are not
 * distributed by. A query that needs no such place is one fragment, the query itself.
 */
export function cutQuery(query: QueryDefinition, context: CutContext): CutQuery {
  return new Cutter(query, context).cut();
}

/** Everything that the query reads goes to its home lane, where the query runs as it is: for what cannot be cut. */
export function gatherQuery(query: QueryDefinition, context: CutContext): CutQuery {
  return new Cutter(query, context).gather();
}

interface Part extends PlanPart {
  readonly distribution: Distribution;
}

class Cutter {
  readonly #query: QueryDefinition;
  readonly #context: CutContext;
  readonly #fragments: Fragment[] = [];
  /** Its rows wait for their time in the fragments that keep them: it goes with them. */
  readonly #timely: boolean;
  /** Rows that have no time any more would have to go to other lanes. */
  #timeless = false;

  constructor(query: QueryDefinition, context: CutContext) {
    this.#query = query;
    this.#context = context;
    this.#timely = showsEarly(query);
  }

  cut(): CutQuery {
    const part = this.#visit(this.#query.plan);
    if (this.#timeless) return gatherQuery(this.#query, this.#context);
    return this.#finish(part);
  }

  gather(): CutQuery {
    const visit = (node: PlanNode): Part =>
      node.kind === 'scan' ? this.#exchange(this.#visit(node), []) : this.#over(node, inputsOf(node).map(visit));
    const part = visit(this.#query.plan);
    return this.#finish({ ...part, distribution: this.#home });
  }

  get #home(): Distribution {
    return { kind: 'one', query: this.#query.name };
  }

  #finish(part: Part): CutQuery {
    const single = part.distribution.kind === 'all';
    const distribution = single ? this.#home : part.distribution;
    const isStream = (table: string) => this.#context.table(table).stream;
    const isSteady = (table: string) => part.facts.has(table) || !isStream(table) || this.#context.table(table).steady;
    const loose = single ? [] : [...nodesOf(part.plan)].filter((node) => node.kind === 'scan' && !isSteady(node.table));
    const paces = this.#context.apart !== true && keepsRows(part.plan, isStream) ? loose.map((scanned) => this.#pace(part, scanned)) : [];
    const result = this.#define(null, part, { exchange: null, single, partial: false, paces });
    return { fragments: [...this.#fragments, result], distribution, steady: paces.length === loose.length };
  }

  /**
   * Watermarks of all lanes for rows that stay in theirs. What is stored of a query speaks of all lanes: a result that waits for the
   * watermark must come out in none before it may come out in all, or a restart would bring it again.
   */
  #pace(part: Part, scanned: PlanNode): string {
    const shares = new Map([[scanned, { node: null, rowsIn: false, rowsOut: false }]]);
    return this.#send({ ...part, plan: project(scanned, [], []), shares, facts: new Map() }, [], 0, false).name;
  }

  #visit(node: PlanNode): Part {
    switch (node.kind) {
      case 'scan':
        return { ...wholeNode(node), distribution: this.#scanned(node) };
      case 'values':
        return { ...wholeNode(node), distribution: { kind: 'all' } };
      case 'filter':
      case 'unnest':
        return this.#over(node, [this.#visit(node.input)]);
      case 'project': {
        const input = this.#visit(node.input);
        return { ...this.#over(node, [input]), distribution: projected(input.distribution, node.expressions) };
      }
      case 'window': {
        const input = this.#visit(node.input);
        return this.#over(node, [node.window.kind === 'session' ? this.#together(input, node.input, node.window.keys) : input]);
      }
      case 'aggregate':
        return this.#aggregate(node);
      case 'over': {
        const [first = [], ...others] = node.calls.map((call) => call.partitionBy);
        const common = first.filter((key) => others.every((keys) => keys.some((each) => expressionsEqual(each, key))));
        return this.#over(node, [this.#together(this.#visit(node.input), node.input, common)]);
      }
      case 'distinct':
        return this.#over(node, [this.#together(this.#visit(node.input), node.input, node.on)]);
      case 'union':
        return this.#union(node);
      case 'join':
        return this.#join(node);
    }
  }

  #scanned(node: Extract<PlanNode, { kind: 'scan' }>): Distribution {
    const { distribution, columns } = this.#context.table(node.table);
    if (distribution.kind !== 'keys') return distribution;
    const found = distribution.columns.map((column) => node.columns.indexOf(columns[column] as string));
    return found.includes(-1) ? { kind: 'any' } : { ...distribution, columns: found };
  }

  /** The node over parts; its rows stay where its first input's are. */
  #over(node: PlanNode, inputs: readonly Part[]): Part {
    const [first] = inputs;
    return { ...wholeNode(node, inputs), distribution: first?.distribution ?? { kind: 'any' } };
  }

  /** `before`: the node as the query's plan has it, which facts are known of. */
  #together(input: Part, before: PlanNode, keys: readonly Expression[]): Part {
    if (keepsTogether(input.distribution, keys)) return input;
    return this.#exchange(input, this.#chosen(keys, before));
  }

  /** Windows stay with the aggregate that closes them: rows are exchanged before they are assigned to windows. */
  #togetherBelow(input: Part, { groups, input: before }: Extract<PlanNode, { kind: 'aggregate' }>): Part {
    if (keepsTogether(input.distribution, groups)) return input;
    const chosen = this.#chosen(groups, before);
    const chain = belowWindows(input.plan, chosen);
    if (chain === null) return this.#exchange(input, chosen);
    const below = this.#exchange({ ...input, plan: chain.below }, chain.keys);
    return { ...below, plan: chain.rebuild(below.plan), distribution: chain.lift(below.distribution) };
  }

  /** Keys to hash: a time would send all rows of a while to one lane, and tell apart what a window above puts together. */
  #chosen(keys: readonly Expression[], input: PlanNode): readonly Expression[] {
    const facts = this.#query.nodeFacts[input.id] ?? [];
    const usable = keys.filter((key) => isHashable(key.type) && key.kind !== 'constant');
    const others = usable.filter((key) => factOf(key, facts) === null);
    return others.length > 0 ? others : usable;
  }

  #aggregate(node: Extract<PlanNode, { kind: 'aggregate' }>): Part {
    const input = this.#visit(node.input);
    if (!keepsTogether(input.distribution, node.groups) && this.#closesOnce(node)) {
      const split = splitAggregate({ ...node, input: input.plan }, this.#query.nodeFacts[node.input.id] ?? [], columnNames);
      if (split !== null) return this.#merged(node, input, split);
    }
    const together = this.#togetherBelow(input, node);
    return { ...this.#over(node, [together]), distribution: projected(together.distribution, node.groups) };
  }

  #merged(node: Extract<PlanNode, { kind: 'aggregate' }>, input: Part, split: NonNullable<ReturnType<typeof splitAggregate>>): Part {
    const shares = new Map(input.shares);
    shares.set(split.partial, { node: node.id, rowsIn: true, rowsOut: false });
    const columns = split.partial.groups.map((_, index) => columnAt(split.partial.schema, index));
    const chosen = this.#chosen(node.groups, node.input);
    const keys = node.groups.flatMap((group, index) => (chosen.includes(group) && !split.sliced.has(index) ? [index] : []));
    const stream = this.#send(
      { plan: split.partial, shares, facts: input.facts, distribution: input.distribution },
      keys,
      columns.length + split.partial.aggregates.length,
      true,
    );
    const { plan, aggregate } = split.final(stream.name);
    const final = new Map([[aggregate, { node: node.id, rowsIn: false, rowsOut: true }]]);
    return { plan, shares: final, facts: stream.facts, distribution: this.#spread(keys) };
  }

  #closesOnce(node: Extract<PlanNode, { kind: 'aggregate' }>): boolean {
    const { bounds, changes } = this.#query;
    const by = bounds.find((bound) => bound.node === node.id)?.by;
    return (by === 'window' || by === 'time') && changes[node.id] !== true && changes[node.input.id] !== true;
  }

  #union(node: Extract<PlanNode, { kind: 'union' }>): Part {
    const inputs = node.inputs.map((input) => this.#visit(input));
    const kinds = new Set(inputs.map(({ distribution }) => distribution.kind));
    if (kinds.size === 1 && kinds.has('all')) return this.#over(node, inputs);
    const homes = new Set(inputs.map(({ distribution }) => (distribution.kind === 'one' ? distribution.query : null)));
    const spread = inputs.map((input) => (input.distribution.kind === 'all' ? this.#exchange(input, []) : input));
    const distribution: Distribution = homes.size === 1 && !homes.has(null) ? (inputs[0] as Part).distribution : { kind: 'any' };
    return { ...this.#over(node, spread), distribution };
  }

  #join(node: Extract<PlanNode, { kind: 'join' }>): Part {
    const [left, right] = [this.#visit(node.left), this.#visit(node.right)];
    const looksUp = ['inner', 'left', 'semi', 'anti', 'mark', 'single'].includes(node.type);
    if (right.distribution.kind === 'all' && looksUp) return this.#over(node, [left, right]);
    const [a, b] = [left.distribution, right.distribution];
    if (a.kind === 'one' && b.kind === 'one' && a.query === b.query) return this.#over(node, [left, right]);
    const equal = equalConditions(node);
    const lost = node.type === 'right' || node.type === 'full';
    if (this.#context.apart === true && meet(a, b, equal)) return this.#joined(node, [left, right], lost);
    const chosen = this.#chosen(
      equal.map((each) => each.left),
      node.left,
    );
    const used = equal.filter((each) => chosen.includes(each.left));
    const inputs = [
      this.#exchange(
        left,
        used.map((each) => each.left),
      ),
      this.#exchange(
        right,
        used.map((each) => each.right),
      ),
    ];
    return this.#joined(node, inputs, lost);
  }

  /** Rows that only the right side has bring NULL for the left side's key, from every lane. */
  #joined(node: PlanNode, inputs: readonly Part[], lost: boolean): Part {
    const joined = this.#over(node, inputs);
    return lost && joined.distribution.kind === 'keys' ? { ...joined, distribution: { kind: 'any' } } : joined;
  }

  /** The part's rows, each in the lane of its keys; without keys, all in the home lane. */
  #exchange(untimed: Part, keys: readonly Expression[]): Part {
    const timed = this.#timely ? withTime(this.#query, untimed) : untimed.plan;
    if (timed === null && untimed.distribution.kind !== 'all') this.#timeless = true;
    const part = { ...untimed, plan: timed ?? untimed.plan };
    const { schema } = part.plan;
    const sent = schema.length;
    const computed = keys.filter((key) => key.kind !== 'column');
    const names = columnNames(sent + computed.length);
    const columns = [...schema.map((_, index) => columnAt(schema, index)), ...computed];
    const plan = project(part.plan, columns, names);
    const hashed = keys.map((key) => (key.kind === 'column' ? key.index : sent + computed.indexOf(key)));
    const stream = this.#send({ ...part, plan }, hashed, sent, false);
    const input = selectFirst(scan(stream.name, plan.schema.slice(0, sent)), untimed.plan.schema.length);
    const distribution = hashed.every((key) => key < sent) ? this.#spread(hashed) : ({ kind: 'any' } as const);
    return { plan: input, shares: new Map(), facts: stream.facts, distribution };
  }

  #define(name: string | null, part: Part, settings: Pick<Fragment, 'exchange' | 'single' | 'partial' | 'paces'>): Fragment {
    return defineFragment(this.#query, name, part, { ...settings, isStream: (table) => this.#context.table(table).stream });
  }

  #spread(keys: readonly number[]): Distribution {
    return keys.length === 0 ? this.#home : { kind: 'keys', columns: keys, hashed: true };
  }

  #send(part: Part, keys: readonly number[], sent: number, partial: boolean): { name: string; facts: PlanPart['facts'] } {
    // Several INSERTs have the name of their sink.
    const { id, kind, name: own } = this.#query;
    const name = `${kind === 'view' ? own : id}#${this.#fragments.length + 1}`;
    const exchange: Exchange = { sent, keys };
    const single = part.distribution.kind === 'all';
    const fragment = this.#define(name, part, { exchange, single, partial, paces: [] });
    this.#fragments.push(fragment);
    const { definition } = fragment;
    const facts = definition.nodeFacts[definition.plan.id] ?? [];
    const changes = definition.changes[definition.plan.id] ?? false;
    const columns = new Map(
      definition.schema.flatMap(({ name: column }, index) => (facts[index] ? [[column, facts[index]] as const] : [])),
    );
    const key = definition.nodeChanges[definition.plan.id]?.key ?? null;
    const names = key?.every((column) => column < sent) ? key.map((column) => definition.schema[column]!.name) : null;
    return { name, facts: new Map([[name, { facts: columns, stream: true, changes, key: names }]]) };
  }
}
