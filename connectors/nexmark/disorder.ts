/** Whether and how long a row waits: a hash of its event number, so that values and the draws of other rows stay what they are. */
function delayMs(event: number, seed: number, boundMs: number): number {
  let h = Math.imul(event ^ seed, 0x7feb352d) ^ Math.floor(event / 4294967296);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  h = (h ^ (h >>> 16)) >>> 0;
  return (h & 3) === 0 ? (h / 4294967296) * boundMs : 0;
}

/** Gives each of the events (in order of number) its place in the batch: they come in order of time plus delay. */
export function placesOf(events: readonly number[], timeOf: (event: number) => number, seed: number, boundMs: number): Uint32Array {
  const due = Float64Array.from(events, (event) => timeOf(event) + delayMs(event, seed, boundMs));
  const order = Uint32Array.from(events, (_, row) => row).sort((a, b) => (due[a] as number) - (due[b] as number) || a - b);
  const places = new Uint32Array(events.length);
  order.forEach((row, place) => {
    places[row] = place;
  });
  return places;
}
