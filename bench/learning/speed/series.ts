import type { Task } from '../tasks.ts';
import { horizon } from '../tasks.ts';

const season = 24;
const historyPoints = 720;
const waysOn = 60;

/** Uniform in [0, 1), the same each time. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 4294967296;
  };
}

/** Of mean 0 and standard deviation 1. */
export function normalNumbers(seed: number): () => number {
  const random = randomNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A level that wanders, with noise. */
export function wanderingValues(count: number, seed: number): Float64Array<ArrayBuffer> {
  const normal = normalNumbers(seed);
  let level = 50;
  return Float64Array.from({ length: count }, () => {
    level += 0.02 * normal() - 0.001 * (level - 50);
    return level + normal();
  });
}

/** Hourly series of a month, with what came after: days and working weeks, trends, noise that lasts, level shifts. */
export function generatedTasks(count: number): Task[] {
  return Array.from({ length: count }, (_, k): Task => {
    const random = randomNumbers(1000 + k);
    const normal = normalNumbers(2000 + k);
    const [day, week, trend, lasting] = [10 * random(), 4 * random(), 0.02 * (random() - 0.5), 0.9 * random()];
    const [phase, sharp, shiftAt, shift] = [season * random(), random(), historyPoints * random(), k % 4 === 0 ? 10 * random() : 0];
    let noise = 0;
    const value = (row: number): number => {
      noise = lasting * noise + normal();
      const angle = (2 * Math.PI * (row - phase)) / season;
      const wave = Math.sin(angle) + sharp * Math.sin(2 * angle);
      const weekend = Math.floor(row / season) % 7 >= 5 ? 1 : 0;
      return 50 + day * wave - week * weekend + trend * row + (row > shiftAt ? shift : 0) + noise;
    };
    const values = Array.from({ length: historyPoints + waysOn }, (_, row) => value(row));
    const [history, future] = [values.slice(0, historyPoints), values.slice(historyPoints, historyPoints + horizon)];
    return { task: `generated ${k}`, set: 'generated', season, history, future, threshold: null, breach: null };
  });
}
