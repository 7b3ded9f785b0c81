/** Every moment at which crash tests end the process, in the order in which a row, an epoch and a file pass them; last, those of a process in a group. */
export const faultPoints = [
  'epoch_ended',
  'sink_part_written',
  'sink_prepared',
  'commit_begun',
  'commit_appended',
  'commit_before',
  'commit_after',
  'epoch_stored',
  'sink_committed',
  'publish_begun',
  'publish_sent',
  'publish_positioned',
  'publish_committed',
  'publish_dropped',
  'roll_merged',
  'roll_declared',
  'roll_renamed',
  'roll_parts_removed',
  'roll_finished',
  'segment_opened',
  'move_copied',
  'move_synced',
  'move_renamed',
  'move_listed',
  'move_dropped',
  'move_before_commit',
  'move_after_commit',
  'retention_before_commit',
  'retention_after_commit',
  'retention_removed',
  'checkpoint_before',
  'checkpoint_after',
  'replay_begun',
  'replay_ended',
  'lane_fenced',
  'lane_found',
  'lane_document_written',
  'lane_rows_sent',
  'lane_positioned',
  'lane_committed',
  'lane_pointer_written',
  'lane_document_dropped',
  'results_read',
  'results_stored',
  'snapshot_taken',
  'snapshot_written',
  'snapshot_renamed',
  'snapshot_listed',
  'snapshot_collected',
] as const;
export type FaultPoint = (typeof faultPoints)[number];

/** `name`, or `name:3` for the third time that a thread passes it. */
export const faultVariable = 'MILLRACE_FAULT_AT';

const [wanted, count = '1'] = (process.env[faultVariable] ?? '').split(':');
let passed = 0;

/** Ends the process as `kill -9` does where tests want it; nothing happens in a process whose environment does not name the point. */
export function faultPoint(point: FaultPoint): void {
  if (point === wanted && ++passed >= Number(count)) process.kill(process.pid, 'SIGKILL');
}
