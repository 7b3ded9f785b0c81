/** Fields of the walk through record batches; connectors/kafka/records/record-walk.ts reads some of them. */
export const state: usize = memory.data(128, 16);
// @ts-ignore: decorator
@inline export const atCursor: usize = 0;
// @ts-ignore: decorator
@inline export const atEnd: usize = 4;
// @ts-ignore: decorator
@inline export const atFlags: usize = 8;
// @ts-ignore: decorator
@inline export const atRows: usize = 12;
// @ts-ignore: decorator
@inline export const atBatch: usize = 16;
// @ts-ignore: decorator
@inline export const atRecord: usize = 20;
// @ts-ignore: decorator
@inline export const atRecordsEnd: usize = 24;
// @ts-ignore: decorator
@inline export const atRecordsLeft: usize = 28;
// @ts-ignore: decorator
@inline export const atArenaMax: usize = 32;
// @ts-ignore: decorator
@inline export const atIn: usize = 36;
// @ts-ignore: decorator
@inline export const atChecked: usize = 40;
// @ts-ignore: decorator
@inline export const atEpoch: usize = 44;
// @ts-ignore: decorator
@inline export const atFrom: usize = 48;
// @ts-ignore: decorator
@inline export const atNext: usize = 56;
// @ts-ignore: decorator
@inline export const atBatches: usize = 64;
// @ts-ignore: decorator
@inline export const atAborted: usize = 72;
