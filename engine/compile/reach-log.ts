import type { ModuleBuilder } from './module-builder.ts';
import { generatedFunction } from './text.ts';

/** Bytes that a stage reserves for its log of kernels/assembly/reach-log.ts. */
export const reachLogBytes = 1032;

/** `reachK(time)` of a stage with a log. `back`: how far before the times in the log their source rows may lie. */
export function generateReach(module: ModuleBuilder, number: number, log: string, back: bigint): void {
  module.add(
    generatedFunction(`function reach${number}(time: i64): i64`, [
      `const reached = ${module.import('reach-log', 'reachOf')}(${log}, time);`,
      `return reached == time ? time : max<i64>(reached, i64.MIN_VALUE + ${back > 0n ? back : 0n}) - ${back};`,
    ]),
  );
}

/** Statement: rows whose times are at most `last` have been put out, and their source rows came at `first` or later. */
export function addReach(module: ModuleBuilder, log: string, first: string, last: string): string {
  return `${module.import('reach-log', 'addReach')}(${log}, ${first}, ${last});`;
}

/** Statement of closeK. */
export function closeReach(module: ModuleBuilder, log: string): string {
  return `${module.import('reach-log', 'closeReach')}(${log});`;
}
