import type { NexmarkRandom } from './random.ts';

const a = 97;
const space = 32;
const wordLengthMin = 3;
const lettersPerWord = 6;

/**
 * A text of 3 .. lengthMax - 1 letters, one in thirteen the special character; blanks at both ends are cut off. Written at `at` when
 * there are bytes to write to; gives its length.
 */
export function drawText(random: NexmarkRandom, lengthMax: number, special: number, bytes: Uint8Array, at: number): number {
  const count = wordLengthMin + random.below(lengthMax - wordLengthMin);
  let length = 0;
  let last = 0;
  for (let i = 0; i < count; i++) {
    const letter = random.below(13) === 0 ? special : a + random.below(26);
    if (letter === space && length === 0) continue;
    bytes[at + length++] = letter;
    if (letter !== space) last = length;
  }
  return last;
}

/** Letters that bring a record of `current` bytes to about `average`, 20 % more or less. Writes them when `bytes` are given; gives their number. */
export function drawPadding(random: NexmarkRandom, current: number, average: number, bytes: Uint8Array | null, at: number): number {
  if (average <= current) return 0;
  const wanted = average - current;
  const spread = Math.round(wanted * 0.2);
  const length = wanted - spread + (spread === 0 ? 0 : random.below(2 * spread));
  if (bytes === null) {
    for (let drawn = 0; drawn < length; drawn += lettersPerWord) random.word();
    return length;
  }
  const end = at + length;
  for (let p = at; p < end; ) {
    let word = random.word();
    for (const stop = Math.min(end, p + lettersPerWord); p < stop; p++) {
      const rest = (word / 26) >>> 0;
      bytes[p] = a + word - rest * 26;
      word = rest;
    }
  }
  return length;
}
