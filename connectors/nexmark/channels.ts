import { StringDictionary } from '../string-dictionary.ts';
import { drawText } from './letters.ts';
import type { NexmarkRandom } from './random.ts';

const hotChannels = ['Google', 'Facebook', 'Baidu', 'Apple'];
export const hotChannelCount = hotChannels.length;
export const coldChannelCount = 10_000;
const directoryLengthMax = 5;
const underscore = 95;

/** Names and addresses of the channels; code i of either dictionary is channel i, the hot ones first. */
export interface Channels {
  readonly names: StringDictionary;
  readonly urls: StringDictionary;
}

/** Drawn once, before the first event. */
export function drawChannels(random: NexmarkRandom): Channels {
  const names = new StringDictionary();
  const urls = new StringDictionary();
  const encoder = new TextEncoder();
  for (const name of hotChannels) {
    names.intern(name);
    urls.append(encoder.encode(drawUrl(random)));
  }
  for (let channel = 0; channel < coldChannelCount; channel++) {
    names.intern(`channel-${channel}`);
    const url = drawUrl(random);
    const named = random.below(10) > 0 ? `${url}&channel_id=${Math.abs(reversedBits(channel))}` : url;
    urls.append(encoder.encode(named));
  }
  return { names, urls };
}

function drawUrl(random: NexmarkRandom): string {
  const bytes = new Uint8Array(directoryLengthMax);
  const directory = (): string => {
    const length = drawText(random, directoryLengthMax, underscore, bytes, 0);
    return new TextDecoder().decode(bytes.subarray(0, length));
  };
  return `https://www.nexmark.com/${directory()}/${directory()}/${directory()}/item.htm?query=1`;
}

function reversedBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed |= ((value >>> bit) & 1) << (31 - bit);
  return reversed;
}
