export { durationText as formatDuration } from './format-number.ts';
