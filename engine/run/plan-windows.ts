import type { PlanNode, WindowSpec } from '../plan/plan.ts';
import { latest } from './time/extremes.ts';

/** Every window of a plan. */
export function windowsOf(plan: PlanNode): WindowSpec[] {
  const below = inputsOf(plan).flatMap(windowsOf);
  return plan.kind === 'window' ? [...below, plan.window] : below;
}

function inputsOf(node: PlanNode): readonly PlanNode[] {
  if ('input' in node) return [node.input];
  if ('left' in node) return [node.left, node.right];
  return 'inputs' in node ? node.inputs : [];
}

function sizeOf(window: WindowSpec): bigint {
  return window.kind === 'session' ? window.gapMicros : window.sizeMicros;
}

/** Longest stretch (microseconds) of input rows that one result row can cover: windows over windows add up. */
export function windowReach(plan: PlanNode): bigint {
  return windowsOf(plan).reduce((reach, window) => reach + sizeOf(window), 0n);
}

/** Watermark (microseconds) at which the last window that a row at `time` can open is closed; `time` itself in a plan without windows. */
export function lastWindowEnd(plan: PlanNode, time: bigint): bigint {
  return latest([time, ...windowsOf(plan).map((window) => windowEnd(window, time) + (window.delayMicros ?? 0n))]) ?? time;
}

function windowEnd(window: WindowSpec, time: bigint): bigint {
  switch (window.kind) {
    case 'tumble':
      return floorTo(time, window.sizeMicros) + window.sizeMicros;
    case 'hop':
      return floorTo(time, window.slideMicros) + window.sizeMicros;
    case 'session':
      return time + window.gapMicros;
  }
}

/** Rows from here on (microseconds) have results whose event time is not before `watermark`, when it lies at most `delay` behind the rows'. */
export function firstTimelyRow(plan: PlanNode, delay: bigint, watermark: bigint): bigint {
  const [window, ...others] = windowsOf(plan);
  if (window?.kind !== 'tumble' || others.length > 0 || delay !== window.sizeMicros) return watermark + delay;
  return floorTo(watermark + delay - 1n, window.sizeMicros);
}

function floorTo(time: bigint, step: bigint): bigint {
  const rest = time % step;
  return rest < 0n ? time - rest - step : time - rest;
}
