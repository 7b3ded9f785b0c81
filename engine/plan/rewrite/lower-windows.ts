import { QueryError, type Span } from '../../diagnostic.ts';
import type { Places } from '../adapt/context.ts';
import { columnOf, projectNode, windowNode } from '../build-node.ts';
import type { Expression } from '../expression.ts';
import type { PlanNode, WindowSpec } from '../plan.ts';
import { some } from '../walk-expression.ts';
import { expressionsOf, mapInputs } from '../walk-plan.ts';

type Call = Extract<Expression, { kind: 'call' }>;
const marker = /^__(tumble|hop|session)_(start|end)$/;

/** Turns the marker functions that tumble(), hop() and session() leave in a projection into a window operator below it. */
export function lowerWindows(plan: PlanNode, places: Places): PlanNode {
  const node = mapInputs(plan, (input) => lowerWindows(input, places));
  if (node.kind !== 'project') {
    refuseMarkers(node);
    return node;
  }
  const first = node.expressions.find((each): each is Call => each.kind === 'call' && marker.test(each.name));
  if (first === undefined) {
    refuseMarkers(node);
    return node;
  }
  const { spec, span } = windowOf(first, places);
  const windowed = windowNode(node.input, spec, span);
  const width = node.input.schema.length;
  const expressions = node.expressions.map((each) => {
    if (each.kind === 'column') return columnOf(windowed.schema, each.index, each.span);
    const kind = each.kind === 'call' ? marker.exec(each.name) : null;
    if (kind === null) return each;
    return columnOf(windowed.schema, width + (kind[2] === 'start' ? 0 : 1));
  });
  const lowered = projectNode(
    windowed,
    expressions,
    node.schema.map((column) => column.name),
  );
  refuseMarkers(lowered);
  return lowered;
}

function refuseMarkers(node: PlanNode): void {
  for (const expression of expressionsOf(node)) {
    if (some(expression, (each) => each.kind === 'call' && marker.test(each.name))) {
      throw new QueryError('E0221', 'functions that begin with two underscores cannot be called', { span: expression.span });
    }
  }
}

function windowOf(call: Call, places: Places): { spec: WindowSpec; span: Span | undefined } {
  const kind = marker.exec(call.name)![1] as WindowSpec['kind'];
  const time = call.args[0]!;
  const span = places.window(kind, call.args.at(-1)?.span ?? call.args[1]?.span);
  const micros = (index: number, what: string): bigint => fixedLength(call.args[index], kind, what, span);
  if (kind === 'tumble') return { spec: { kind, time, sizeMicros: micros(1, 'size') }, span };
  if (kind === 'session') {
    const key = call.args[1]!;
    const keys = key.kind === 'call' && key.name === 'row' ? key.args : [key];
    return { spec: { kind, time, keys, gapMicros: micros(2, 'gap') }, span };
  }
  const slideMicros = micros(1, 'slide');
  const sizeMicros = micros(2, 'size');
  if (sizeMicros < slideMicros) {
    throw new QueryError('E0211', "hop()'s size must be at least its slide", {
      span: call.args[2]?.span ?? span,
      note: 'hop(table, time column, slide, size)',
      hint: 'the slide comes before the size',
    });
  }
  return { spec: { kind, time, slideMicros, sizeMicros }, span };
}

function fixedLength(argument: Expression | undefined, kind: string, what: string, span: Span | undefined): bigint {
  const where = argument?.span ?? span;
  if (argument?.kind !== 'constant' || argument.type.kind !== 'interval' || argument.value === null) {
    throw new QueryError('E0211', `${kind}()'s ${what} must be a constant INTERVAL`, {
      span: where,
      note: argument?.kind === 'constant' ? 'it is NULL' : 'it may differ from row to row',
    });
  }
  const { months, days, micros } = argument.value as { months: number; days: number; micros: bigint };
  if (months !== 0) {
    throw new QueryError('E0211', `${kind}()'s ${what} must have a fixed length`, {
      span: where,
      note: 'months differ in length',
      hint: 'count in days',
    });
  }
  const length = BigInt(days) * 86_400_000_000n + micros;
  if (length <= 0n) throw new QueryError('E0211', `${kind}()'s ${what} must be longer than nothing`, { span: where });
  return length;
}
