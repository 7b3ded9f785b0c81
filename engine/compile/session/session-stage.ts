import type { Expression } from '../../plan/expression.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { addSessionFunctions } from './session-functions.ts';
import { factOf } from '../../plan/time-fact.ts';
import { type AggregateNode, AggregateStage, type WindowKey } from '../aggregate-stage.ts';
import { WrittenColumns } from '../column-memory.ts';
import type { Flow, OpenWindow } from '../flow.ts';
import { updates } from '../generate-aggregate.ts';
import { writeRow } from '../generate-emission.ts';
import { GroupKeys } from '../group-keys.ts';
import { GroupLayout } from '../group-layout.ts';
import { PassedColumns } from '../passed-columns.ts';
import { notSupported } from '../refuse.ts';
import { resolveBinding, RowScope } from '../row-scope.ts';
import type { Stage, StageContext } from '../stage.ts';
import type { StageWindow } from '../stage-window.ts';
import { generatedFunction, indent } from '../text.ts';
import { loopTouching } from '../touch-groups.ts';
import { generateSessionControl } from './generate-session.ts';
import type { SessionNode } from './session-groups.ts';
import { SessionAggregates } from './session-aggregates.ts';
import { SessionRows } from './session-rows.ts';
import { cursorAt, resumedAt, sequenceAt, SessionState, slotHeader, touchedAt } from './session-state.ts';

const rowsMax = 8192;

/** session(): an aggregate whose groups are sessions, or the window alone, which puts out every row of a session when it has ended. */
export function buildSessionStage(context: StageContext, node: PlanNode, flows: readonly Flow[]): Stage {
  const [flow] = flows as readonly [Flow];
  if (flow.weight !== null) throw notSupported('a session window over rows that may be taken back', node.span);
  return node.kind === 'aggregate' ? buildAggregates(context, node, flow) : buildRows(context, node as SessionNode, flow);
}

function buildAggregates(context: StageContext, node: AggregateNode, flow: Flow): Stage {
  const { module, number } = context;
  const open = flow.window as OpenWindow;
  const window = open.node as SessionNode;
  const keys = node.groups.map((group): WindowKey | null => {
    const binding = group.kind === 'column' ? resolveBinding(flow.bindings[group.index] as (typeof flow.bindings)[number]) : null;
    return binding === open.start ? 'start' : binding === open.end ? 'end' : null;
  });
  const stage = new AggregateStage(number, node, mergedWindow(window, open), keys, flow, flow.reachMicros);
  const content = new SessionAggregates(stage);
  const sessions = new SessionState(module, number, window.window.gapMicros, content);

  flow.selection.finiteTimes(node.id, window.window.time, open.bindings);
  const scope = new RowScope(module, node.id, flow.bindings, 'row');
  const time = scope.with(window.id, open.bindings).compile(window.window.time).parts[0] as string;
  scope.emit(`const time = ${time};`);
  const { words, mark } = content.layout.keys.pack(
    scope,
    module,
    stage.keyExpressions.map((key) => scope.compile(key)),
  );
  scope.lines.push(...sessions.find(words, mark));
  updates(stage, scope);
  finishFlow(flow, sessions, scope, node.id, stage.keyExpressions);

  const columns = new WrittenColumns(module, `emitted${number}_`);
  const row = writeRow(stage, columns);
  const each = [
    `const p = slot + ${slotHeader};`,
    `const windowStart = ${sessions.start('slot')};`,
    `const windowEnd = ${sessions.due('slot')};`,
    ...checkEnd(sessions, keys.includes('end')),
    `if (windowEnd > load<i64>(${sessions.state}, ${resumedAt})) {`,
    ...indent([...row, 'o++;']),
    '}',
    ...content.release(),
    ...sessions.letGo(),
  ];
  addEmission(sessions, columns.clear(), sessions.eachEnded(`${rowsMax} - o`, each));
  generateSessionControl(sessions, delayOf(context, window), flow.reachMicros, { start: [], bytes: '' });
  return { ...common(context, node, flow), columns: columns.accesses, marks: content.mark().length > 0 };
}

function buildRows(context: StageContext, node: SessionNode, flow: Flow): Stage {
  const { module, number } = context;
  const { time, keys, gapMicros } = node.window;
  const needed = context.needed(node);
  const probe = new RowScope(module, node.id, flow.bindings, 'row');
  const values = keys.map((key) => ({ value: probe.compile(key), span: key.span ?? node.span }));
  const content = new SessionRows(module, number, new GroupLayout(new GroupKeys(values), []), probe, node, needed);
  const sessions = new SessionState(module, number, gapMicros, content);

  flow.selection.finiteTimes(node.id, time, flow.bindings);
  const scope = new RowScope(module, node.id, flow.bindings, 'row');
  scope.emit(`const time = ${scope.compile(time).parts[0]};`);
  const { words, mark } = content.layout.keys.pack(
    scope,
    module,
    keys.map((key) => scope.compile(key)),
  );
  scope.lines.push(...sessions.find(words, mark));
  const add = content.add(scope);
  scope.lines.push(...add);
  finishFlow(flow, sessions, scope, node.id, keys);

  const columns = new PassedColumns(module, `emitted${number}_`, false);
  const width = node.input.schema.length;
  const out = new RowScope(module, node.id, [], 'row');
  node.input.schema.forEach((column, k) => {
    const lines = needed.has(k) ? columns.add(content.rowLayout.read(out, content.position(k), 'kept')) : columns.leaveOut(column.type);
    for (const line of lines) out.emit(line);
  });
  const bound = (name: string) => ({ type: { kind: 'timestamp' }, machine: 'i64', parts: [name], valid: 'true' }) as const;
  const bounds = [...columns.add(bound('windowStart')), ...columns.add(bound('windowEnd'))];
  const [current, following] = [`load<u32>(${sessions.state}, ${cursorAt})`, `load<u32>(${sessions.state}, ${cursorAt + 4})`];
  addEmission(sessions, columns.clear(), [
    `if (${current} == 0) {`,
    ...indent([
      ...sessions.nextEnded(),
      `const p = slot + ${slotHeader};`,
      `store<u32>(${sessions.state}, <u32>slot, ${cursorAt});`,
      `store<u32>(${sessions.state}, ${sessions.due('slot')} > load<i64>(${sessions.state}, ${resumedAt}) ? ${content.first} : 0, ${cursorAt + 4});`,
    ]),
    '}',
    `const slot = <usize>${current};`,
    `const p = slot + ${slotHeader};`,
    `const windowStart = ${sessions.start('slot')};`,
    `const windowEnd = ${sessions.due('slot')};`,
    ...checkEnd(sessions, needed.has(width + 1)),
    `let kept = <usize>${following};`,
    `for (; kept != 0 && o < ${rowsMax}; kept = <usize>load<u32>(kept)) {`,
    ...indent([...out.lines, ...bounds, 'o++;']),
    '}',
    `store<u32>(${sessions.state}, <u32>kept, ${cursorAt + 4});`,
    'if (kept != 0) break;',
    `store<u32>(${sessions.state}, 0, ${cursorAt});`,
    ...content.release(),
    ...sessions.letGo(),
  ]);
  const pool = (name: string) => module.import('record-pool', name);
  generateSessionControl(sessions, delayOf(context, node), flow.reachMicros, {
    start: [`${pool('initialisePool')}(${content.pool}, ${content.rowLayout.bytes});`],
    bytes: ` + <f64>${pool('poolBytes')}(${content.pool})`,
  });
  return { ...common(context, node, flow), columns: columns.accesses, marks: content.mark().length > 0 };
}

/** The parts of a stage that both kinds share. */
function common(context: StageContext, node: PlanNode, flow: Flow): Omit<Stage, 'columns' | 'marks'> {
  return { number: context.number, node, weight: null, emits: 'closing', resumes: true, reachMicros: flow.reachMicros, reaches: true };
}

function finishFlow(flow: Flow, sessions: SessionState, scope: RowScope, node: number, keys: readonly Expression[]): void {
  flow.finish([
    'if (from == to) return;',
    `const multiplier = ${sessions.group('groupMultiplier')}(${sessions.groups});`,
    `const sequence = load<i64>(${sessions.state}, ${sequenceAt});`,
    ...sessions.tableLocals('let '),
    ...loopTouching(
      {
        module: sessions.module,
        node,
        bindings: flow.bindings,
        keys,
        layout: sessions.content.layout,
        groups: sessions.groups,
        slotBytes: sessions.slotBytes,
        touchesEnd: true,
        hash: (words, mark) => sessions.hash(words, mark),
      },
      scope.lines,
      `${sessions.state} + ${touchedAt}`,
    ),
    `store<i64>(${sessions.state}, sequence + <i64>rows, ${sequenceAt});`,
  ]);
  addSessionFunctions(sessions);
}

function addEmission(sessions: SessionState, clear: readonly string[], each: readonly string[]): void {
  sessions.module.add(
    generatedFunction(`function emit${sessions.number}(): u32`, [
      ...clear,
      'let o: u32 = 0;',
      `while (o < ${rowsMax}) {`,
      ...indent(each),
      '}',
      'return o;',
    ]),
  );
}

/** The last row's time and the gap may make a time that there is not: DuckDB fails. */
function checkEnd(sessions: SessionState, read: boolean): string[] {
  const fault = (name: string) => sessions.module.import('fault', name);
  return read ? [`if (windowEnd == i64.MAX_VALUE) ${fault('fail')}(${fault('faultTimestamp')});`] : [];
}

/** How far the sessions' time may lie behind the query's watermark. */
function delayOf(context: StageContext, { input, window }: SessionNode): bigint {
  return factOf(window.time, context.facts(input))?.delayMicros ?? 0n;
}

/** Sessions are merged as slices are; nothing else of the window is used. */
function mergedWindow({ id, window }: SessionNode, open: OpenWindow): StageWindow {
  const { time, gapMicros } = window;
  const follows = { kind: 'query', delay: 0n } as const;
  const size = { slide: gapMicros, close: gapMicros, size: gapMicros, folds: 1 };
  return { node: id, mode: 'slices', ...size, time, bindings: open.bindings, shift: 0n, follows };
}
