import type { PlanNode, WindowSpec } from '../plan/plan.ts';
import { inputsOf } from '../plan/walk-plan.ts';
import { latest } from './time/extremes.ts';

/** Every window of a plan. */
export function windowsOf(plan: PlanNode): WindowSpec[] {
  const below = inputsOf(plan).flatMap(windowsOf);
  return plan.kind === 'window' ? [...below, plan.window] : below;
}

/**
 * Watermark (microseconds) at which all that a row at `time` can give is out: the last window that it opens is closed, and with OVER
 * every row of its time has come. `time` itself in a plan without either.
 */
export function lastWindowEnd(plan: PlanNode, time: bigint): bigint {
  const end = latest([time, ...windowsOf(plan).map((window) => windowEnd(window, time) + (window.delayMicros ?? 0n))]) ?? time;
  return hasOver(plan) ? end + 1n : end;
}

function hasOver(plan: PlanNode): boolean {
  return plan.kind === 'over' || inputsOf(plan).some(hasOver);
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
