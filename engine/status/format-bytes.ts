export { bytesText as formatBytes } from './format-number.ts';
