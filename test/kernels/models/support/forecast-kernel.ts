import { compileKernel } from '../../../../bench/compile-kernel.ts';

const source = `
import { limitMemory } from "./kernels/memory";
export { openForecast, stepForecast, closeForecast, bytesForecast, forecastStatus, forecastRefitted, forecastStepMicros, forecastTrend,
  forecastSeasonStrength, forecastMean, forecastLower, forecastUpper } from "./kernels/models/forecast";
export { openBreach, stepBreach, closeBreach, bytesBreach, breachStatusAt, breachProbabilityAt, breachRiskAt, breachFirstStepAt,
  breachMinutesAt, breachRefittedAt, breachStepMicrosAt } from "./kernels/models/breach";
export function start(pages: u32): void { limitMemory(pages); }
`;

type Offset = { readonly value: number };

export interface ForecastKernel {
  readonly memory: WebAssembly.Memory;
  start(pages: number): void;
  openForecast(points: number, stepMicros: number, everyMicros: number, horizon: number, method: number): number;
  stepForecast(state: number, value: number, micros: bigint): void;
  closeForecast(state: number): void;
  bytesForecast(state: number): number;
  openBreach(points: number, stepMicros: number, everyMicros: number, horizon: number, threshold: number, sign: number): number;
  stepBreach(state: number, value: number, micros: bigint): void;
  closeBreach(state: number): void;
  bytesBreach(state: number): number;
  readonly forecastStatus: Offset;
  readonly forecastRefitted: Offset;
  readonly forecastStepMicros: Offset;
  readonly forecastTrend: Offset;
  readonly forecastSeasonStrength: Offset;
  readonly forecastMean: Offset;
  readonly forecastLower: Offset;
  readonly forecastUpper: Offset;
  readonly breachStatusAt: Offset;
  readonly breachProbabilityAt: Offset;
  readonly breachRiskAt: Offset;
  readonly breachFirstStepAt: Offset;
  readonly breachMinutesAt: Offset;
  readonly breachRefittedAt: Offset;
  readonly breachStepMicrosAt: Offset;
}

export { forecastStatuses as statuses, forecastTrends as trends } from '../../../../kernels/models/forecast.ts';

export async function compileForecast(): Promise<ForecastKernel> {
  const kernel = await compileKernel<ForecastKernel>(source);
  kernel.start(4096);
  return kernel;
}

export const numberAt = (kernel: ForecastKernel, address: number): number => new DataView(kernel.memory.buffer).getFloat64(address, true);

export const numbersAt = (kernel: ForecastKernel, address: number, count: number): Float64Array =>
  new Float64Array(kernel.memory.buffer.slice(address, address + 8 * count));
