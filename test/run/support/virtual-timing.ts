export { VirtualTiming } from '../../../engine/test-runner/virtual-timing.ts';
