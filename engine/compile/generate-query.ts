import type { QueryDefinition } from '../plan/catalog.ts';
import { columnOf } from '../plan/build-node.ts';
import { showsEarly, waitColumn } from '../plan/early-results.ts';
import type { PlanNode } from '../plan/plan.ts';
import { InputColumns } from './column-memory.ts';
import { Flow, type FlowSource, type RowTime, selectedRows } from './flow.ts';
import { generateControl, type FlowEnd } from './generate-control.ts';
import { groupedWindow } from './grouped-window.ts';
import { generateOutput } from './generate-output.ts';
import { ModuleBuilder } from './module-builder.ts';
import type { ProgramInput } from './program.ts';
import { neededColumns } from './needed-columns.ts';
import { groupsAreSessions, isSession } from './session/session-groups.ts';
import type { Stage, StageContext } from './stage.ts';
import { type StageKind, stageBuilders } from './stage-builders.ts';
import type { WindowNode } from './stage-window.ts';
import { timeOfKey } from './time-key-window.ts';
import { generateUnion } from './union.ts';
import { buildWaitStage } from './wait-stage.ts';

/** Where a flow's rows go when its function has run: a stage, by number; the output (null); or into another flow. */
type Destination = number | null | Flow;

/**
 * Writes the source of one query's module. The plan is a tree: stateless operators are fused into flows, which take rows from an
 * input or a stage to the next stage or the output.
 */
export class QueryGenerator {
  readonly module: ModuleBuilder;
  readonly inputs: ProgramInput[] = [];
  readonly stages: Stage[] = [];
  readonly #query: QueryDefinition;
  readonly #inputFlows: Flow[] = [];
  /** By stage, in their order: the flow that takes its rows on. */
  readonly #stageFlows: Flow[] = [];
  readonly #destinations = new Map<Flow, Destination>();
  /** Windows whose bounds an aggregate above groups by: its panes answer for them. */
  readonly #paneWindows = new Set<PlanNode>();
  readonly #needed: ReadonlyMap<PlanNode, ReadonlySet<number>>;
  /** Microseconds between early results, which speak of the rows before their time; null: there are none. */
  readonly #earlyMicros: bigint | null;
  #flows = 0;
  #buffers = 0;

  constructor(query: QueryDefinition) {
    this.#query = query;
    this.module = new ModuleBuilder(query.functions, query.options.seriesMax);
    this.#needed = neededColumns(query.plan);
    this.#earlyMicros = showsEarly(query) ? BigInt(query.options.emitEarlyEveryMs ?? 0) * 1000n : null;
    this.module.reserve('counters', 16 * (query.plan.id + 1));
    const root = this.#flow(query.plan, true);
    this.#destinations.set(root, null);
    generateOutput(root, query.plan.id, query.schema);
    this.module.reserve('inputs', Math.max(8, this.#buffers * 8));
    const placed = this.stages.map((stage, k) => ({ stage, consumer: this.#endOf(this.#stageFlows[k] as Flow) }));
    generateControl(
      this.module,
      this.#inputFlows.map((flow) => this.#endOf(flow)),
      placed,
      root.reachMicros,
      this.#earlyMicros,
    );
  }

  text(): string {
    const what = this.#query.id;
    const exports = [
      'export { allValid, ensureBuffer, growTranslation, internCodes, internScratch, missingRows, releaseTranslation, scratchFor, translate } from "./kernels/input";',
      'export { collectionDue, liveStrings, stringLength, stringPointer, sweepGeneration, sweepStrings, sweepTranslation } from "./kernels/string-table";',
      'export { inputs, counters };',
    ].join('\n');
    return this.module.text(`// ${what}\n${exports}`);
  }

  /** The flow that ends at a node, open for what is above. `toOutput`: no stage lies between it and the query's output. */
  #flow(node: PlanNode, toOutput: boolean): Flow {
    switch (node.kind) {
      case 'scan':
        return this.#scan(node);
      case 'filter': {
        const flow = this.#flow(node.input, toOutput);
        flow.filter(node.id, node.predicate);
        return flow;
      }
      case 'project': {
        const flow = this.#flow(node.input, toOutput);
        flow.project(node.id, node.expressions);
        return flow;
      }
      case 'window':
        return this.#window(node, toOutput);
      case 'union':
        return this.#union(node, toOutput);
      case 'aggregate':
        return this.#aggregate(node);
      case 'join':
        return this.#stage('join', node, [node.left, node.right]);
      case 'values':
        return this.#stage('values', node, []);
      default:
        return this.#stage(node.kind, node, [node.input]);
    }
  }

  #scan(node: Extract<PlanNode, { kind: 'scan' }>): Flow {
    const weighted = this.#context(0).changes(node);
    const columns = new InputColumns(node.schema, weighted, this.#buffers);
    this.inputs.push({ table: node.table, columns: node.columns, firstBuffer: this.#buffers, weighted });
    this.#buffers = columns.end;
    const flow = this.#open({ columns: columns.accesses, weight: columns.weight, fromInput: true });
    flow.count(node.id, 'rows', 'rows');
    this.#inputFlows.push(flow);
    flow.rowTime = this.#timeOf(node, flow);
    return flow;
  }

  #timeOf(node: Extract<PlanNode, { kind: 'scan' }>, { bindings }: Flow): RowTime | null {
    const facts = this.#context(0).facts(node);
    if (this.#earlyMicros === null || this.#query.lookups.includes(node.table)) return null;
    const index = waitColumn(node.schema, facts);
    const fact = index === null ? null : facts[index];
    if (index === null || !fact) return null;
    const time = timeOfKey(columnOf(node.schema, index), bindings);
    return time === null ? null : { ...time, node: node.id, fact };
  }

  /** Rows of an input wait for their time before they go to the node `to`. `input`: the node whose columns they have. */
  #timely(flow: Flow, input: PlanNode, to: PlanNode): Flow {
    if (flow.rowTime === null) return flow;
    const number = this.stages.length + 1;
    this.#destinations.set(flow, number);
    return this.#place(buildWaitStage(this.#context(number), to, input, flow, flow.rowTime));
  }

  #window(node: WindowNode, toOutput: boolean): Flow {
    const { window } = node;
    if (this.#paneWindows.has(node)) {
      const flow = this.#timely(this.#flow(node.input, toOutput), node.input, node);
      flow.openWindow(node);
      return flow;
    }
    if (window.kind === 'session') return this.#stage('session', node, [node.input]);
    if (window.kind === 'hop' && window.slideMicros !== window.sizeMicros) return this.#stage('hop', node, [node.input]);
    const flow = this.#flow(node.input, toOutput);
    flow.computeWindow(node, window.sizeMicros);
    return flow;
  }

  #aggregate(node: Extract<PlanNode, { kind: 'aggregate' }>): Flow {
    const window = groupedWindow(node);
    const session = window !== null && isSession(window) && groupsAreSessions(node, window);
    const { changes } = this.#context(0);
    if (!session && (changes(node) || changes(node.input))) return this.#stage('changing', node, [node.input]);
    if (window === null || (isSession(window) && !session)) return this.#stage('aggregate', node, [node.input]);
    this.#paneWindows.add(window);
    return this.#stage(session ? 'session' : 'aggregate', node, [node.input]);
  }

  #union(node: Extract<PlanNode, { kind: 'union' }>, toOutput: boolean): Flow {
    const flows = node.inputs.map((input) => {
      const flow = this.#flow(input, toOutput);
      return toOutput ? flow : this.#timely(flow, input, node);
    });
    const source = generateUnion(this.module, node, flows, `process${this.#flows}`, toOutput);
    const union = this.#open(source);
    union.count(node.id, '0', 'rows');
    for (const flow of flows) this.#destinations.set(flow, union);
    return union;
  }

  #stage(kind: StageKind, node: PlanNode, inputs: readonly PlanNode[]): Flow {
    const flows = inputs.map((input) => this.#timely(this.#flow(input, false), input, node));
    const number = this.stages.length + 1;
    for (const flow of flows) {
      flow.count(node.id, selectedRows, '0');
      this.#destinations.set(flow, number);
    }
    return this.#place(stageBuilders[kind](this.#context(number), node, flows));
  }

  #place(stage: Stage): Flow {
    this.stages.push(stage);
    const flow = this.#open(stage);
    this.#stageFlows.push(flow);
    return flow;
  }

  #open(source: FlowSource): Flow {
    return new Flow(this.module, this.#flows++, source);
  }

  #context(number: number): StageContext {
    const query = this.#query;
    return {
      module: this.module,
      number,
      query,
      facts: (node) => query.nodeFacts[node.id] ?? node.schema.map(() => null),
      needed: (node) => this.#needed.get(node) ?? new Set(node.schema.keys()),
      changes: (node) => query.changes[node.id] ?? false,
    };
  }

  #endOf(flow: Flow): FlowEnd {
    let end: Destination = flow;
    while (end instanceof Flow) end = this.#destinations.get(end) ?? null;
    return { process: flow.name, target: end };
  }
}
