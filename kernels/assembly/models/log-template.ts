import { allocate, allocateZeroed, release } from '../memory';
import { equalBytes, hashString, internString, markString, reserveScratch, stringLength, stringPointer } from '../string-table';
import { countMinute, minuteRateBytes, startMinutes, usualMinute } from './minute-rate';

/** Templates of log messages: see kernels/models/log-template.ts. Results: f64, NaN for none; the template is a string's id, flags are 0 or 1. */
export const logTemplateText: usize = 0;
export const logTemplateId: usize = 8;
export const logTemplateCount: usize = 16;
export const logTemplateNew: usize = 24;
export const logTemplateBurst: usize = 32;
export const logTemplateUsual: usize = 40;
export const logTemplateForgotten: usize = 48;

const similarityAt: usize = 56;
const burstRowsAt: usize = 64;
const learningAt: usize = 72;
const firstAt: usize = 80;
const madeAt: usize = 88;
const forgottenAt: usize = 96;
/** u32: most templates, those in use, room for them, their address, whether there was a message, bytes of all words. */
const mostAt: usize = 104;
const usedAt: usize = 108;
const roomAt: usize = 112;
const slotsAt: usize = 116;
const startedAt: usize = 120;
const wordBytesAt: usize = 124;
/** Number after that of a bucket's first slot: u32. */
const bucketsAt: usize = 128;
const buckets: u32 = 64;
const stateBytes: usize = bucketsAt + 4 * 64;
const roomFirst: u32 = 8;

/** A template: words (ids, all ones: varies), how many, text, number after that of the next slot in the bucket, bucket: u32. */
const wordsAt: usize = 0;
const lengthAt: usize = 4;
const textAt: usize = 8;
const nextAt: usize = 12;
const bucketAt: usize = 16;
const idAt: usize = 24;
const countAt: usize = 32;
const lastAt: usize = 40;
const rateAt: usize = 48;
const slotBytes: usize = rateAt + minuteRateBytes;

const varies: u32 = 0xffffffff;
const none: u32 = 0xffffffff;
const wordsMax: u32 = 128;
/** Words of the message: address, and length, all ones where it varies. */
const message: usize = memory.data(8 * 128, 16);

export function openLogTemplate(templates: f64, similarity: f64, learning: f64, burstRows: f64): usize {
  const state = allocateZeroed(<u32>stateBytes);
  store<f64>(state, similarity, similarityAt);
  store<f64>(state, burstRows, burstRowsAt);
  store<i64>(state, <i64>learning, learningAt);
  store<u32>(state, <u32>templates, mostAt);
  store<u32>(state, min<u32>(<u32>templates, roomFirst), roomAt);
  store<u32>(state, <u32>allocate(load<u32>(state, roomAt) * <u32>slotBytes), slotsAt);
  clear(state);
  return state;
}

export function closeLogTemplate(state: usize): void {
  for (let slot: u32 = 0; slot < load<u32>(state, usedAt); slot++) releaseWords(slotOf(state, slot));
  release(<usize>load<u32>(state, slotsAt), load<u32>(state, roomAt) * <u32>slotBytes);
  release(state, <u32>stateBytes);
}

export function bytesLogTemplate(state: usize): u32 {
  return <u32>stateBytes + load<u32>(state, roomAt) * <u32>slotBytes + load<u32>(state, wordBytesAt);
}

export function markLogTemplate(state: usize): void {
  for (let slot: u32 = 0; slot < load<u32>(state, usedAt); slot++) {
    const template = slotOf(state, slot);
    markString(load<u32>(template, textAt));
    for (let k: u32 = 0; k < load<u32>(template, lengthAt); k++) {
      const word = wordOf(template, k);
      if (word != varies) markString(word);
    }
  }
}

export function stepLogTemplate(state: usize, text: u32, micros: i64): void {
  clear(state);
  if (text == none) return;
  if (load<u32>(state, startedAt) == 0) {
    store<u32>(state, 1, startedAt);
    store<i64>(state, micros, firstAt);
  }
  const length = split(text);
  const found = find(state, length);
  const template = found == 0 ? add(state, length, micros) : found;
  if (found == 0 || generalize(template, length)) writeText(template, length);
  const count = load<f64>(template, countAt) + 1;
  store<f64>(template, count, countAt);
  if (micros > load<i64>(template, lastAt)) store<i64>(template, micros, lastAt);
  const isBurst = countMinute(template + rateAt, micros, load<f64>(state, burstRowsAt));
  store<f64>(state, <f64>load<u32>(template, textAt), logTemplateText);
  store<f64>(state, load<f64>(template, idAt), logTemplateId);
  store<f64>(state, count, logTemplateCount);
  store<f64>(state, found == 0 && micros - load<i64>(state, firstAt) >= load<i64>(state, learningAt) ? 1 : 0, logTemplateNew);
  store<f64>(state, isBurst ? 1 : 0, logTemplateBurst);
  store<f64>(state, usualMinute(template + rateAt), logTemplateUsual);
  store<f64>(state, load<f64>(state, forgottenAt), logTemplateForgotten);
}

function clear(state: usize): void {
  for (let at: usize = 0; at <= logTemplateForgotten; at += 8) store<f64>(state + at, NaN);
}

// @ts-ignore: decorator
@inline
function slotOf(state: usize, slot: u32): usize {
  return <usize>load<u32>(state, slotsAt) + <usize>slot * slotBytes;
}

// @ts-ignore: decorator
@inline
function wordOf(template: usize, k: u32): u32 {
  return load<u32>(<usize>load<u32>(template, wordsAt) + (<usize>k << 2));
}

// @ts-ignore: decorator
@inline
function setWord(template: usize, k: u32, word: u32): void {
  store<u32>(<usize>load<u32>(template, wordsAt) + (<usize>k << 2), word);
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u8): bool {
  return byte == 32 || byte == 9 || byte == 10 || byte == 13;
}

/** Fills `message`; gives how many words it has. */
function split(text: u32): u32 {
  const end = stringPointer(text) + stringLength(text);
  let at = stringPointer(text);
  let words: u32 = 0;
  while (true) {
    while (at < end && isBlank(load<u8>(at))) at++;
    if (at == end) return words;
    if (words == wordsMax) {
      store<u32>(message + 8 * (<usize>wordsMax - 1), varies, 4);
      return words;
    }
    const start = at;
    let hasDigit = false;
    for (; at < end && !isBlank(load<u8>(at)); at++) if (load<u8>(at) - 48 < 10) hasDigit = true;
    const length = <u32>(at - start);
    // A word that is the wildcard itself: "<*>".
    const isWildcard = length == 3 && load<u16>(start) == 0x2a3c && load<u8>(start, 2) == 0x3e;
    const word = message + (<usize>words << 3);
    store<u32>(word, <u32>start);
    store<u32>(word, hasDigit || isWildcard ? varies : length, 4);
    words++;
  }
}

function isWord(template: usize, k: u32): bool {
  const word = message + (<usize>k << 3);
  const length = load<u32>(word, 4);
  const id = wordOf(template, k);
  if (id == varies || length == varies) return id == varies && length == varies;
  return stringLength(id) == length && equalBytes(stringPointer(id), <usize>load<u32>(word), length);
}

function bucketOf(length: u32): u32 {
  if (length == 0) return 0;
  const first = load<u32>(message, 4);
  const hash = first == varies ? 0 : hashString(<usize>load<u32>(message), first);
  return (hash ^ (hash >> 16) ^ length) & (buckets - 1);
}

/** The template that shares most words with the message, enough of them; of equals that of the lowest slot. 0: there is none. */
function find(state: usize, length: u32): usize {
  let best: usize = 0;
  let most = load<f64>(state, similarityAt) * <f64>length;
  for (let next = load<u32>(state + bucketsAt + (<usize>bucketOf(length) << 2)); next != 0; ) {
    const template = slotOf(state, next - 1);
    next = load<u32>(template, nextAt);
    if (load<u32>(template, lengthAt) != length || (length > 0 && !isWord(template, 0))) continue;
    let same: f64 = 0;
    for (let k: u32 = 0; k < length; k++) if (isWord(template, k)) same += 1;
    if (same < most || (best != 0 && same == most && template > best)) continue;
    best = template;
    most = same;
  }
  return best;
}

/** Whether the template has become more general. */
function generalize(template: usize, length: u32): bool {
  let changed = false;
  for (let k: u32 = 0; k < length; k++) {
    if (wordOf(template, k) == varies || isWord(template, k)) continue;
    setWord(template, k, varies);
    changed = true;
  }
  return changed;
}

/** Words that do not vary are those of the message. */
function writeText(template: usize, length: u32): void {
  let bytes: u32 = 0;
  for (let k: u32 = 0; k < length; k++) bytes += 1 + (wordOf(template, k) == varies ? 3 : load<u32>(message + (<usize>k << 3), 4));
  const start = reserveScratch(bytes + 1);
  let at = start;
  for (let k: u32 = 0; k < length; k++) {
    if (k > 0) store<u8>(at++, 32);
    if (wordOf(template, k) == varies) {
      store<u16>(at, 0x2a3c);
      store<u8>(at, 0x3e, 2);
      at += 3;
      continue;
    }
    const word = message + (<usize>k << 3);
    memory.copy(at, <usize>load<u32>(word), <usize>load<u32>(word, 4));
    at += <usize>load<u32>(word, 4);
  }
  store<u32>(template, internString(start, <u32>(at - start)), textAt);
}

function add(state: usize, length: u32, micros: i64): usize {
  const slot = load<u32>(state, usedAt) < load<u32>(state, mostAt) ? newSlot(state) : oldestSlot(state);
  const template = slotOf(state, slot);
  memory.fill(template, 0, slotBytes);
  const bytes = max<u32>(length, 1) << 2;
  store<u32>(template, <u32>allocate(bytes), wordsAt);
  store<u32>(state, load<u32>(state, wordBytesAt) + bytes, wordBytesAt);
  store<u32>(template, length, lengthAt);
  for (let k: u32 = 0; k < length; k++) {
    const word = message + (<usize>k << 3);
    const bytesOfWord = load<u32>(word, 4);
    setWord(template, k, bytesOfWord == varies ? varies : internString(<usize>load<u32>(word), bytesOfWord));
  }
  const bucket = bucketOf(length);
  const head = state + bucketsAt + (<usize>bucket << 2);
  store<u32>(template, load<u32>(head), nextAt);
  store<u32>(head, slot + 1);
  store<u32>(template, bucket, bucketAt);
  const made = load<f64>(state, madeAt) + 1;
  store<f64>(state, made, madeAt);
  store<f64>(template, made, idAt);
  store<i64>(template, micros, lastAt);
  startMinutes(template + rateAt, micros);
  return template;
}

function newSlot(state: usize): u32 {
  const used = load<u32>(state, usedAt);
  const room = load<u32>(state, roomAt);
  if (used == room) {
    const larger = min<u32>(room * 2, load<u32>(state, mostAt));
    const old = <usize>load<u32>(state, slotsAt);
    const fresh = allocate(larger * <u32>slotBytes);
    memory.copy(fresh, old, <usize>used * slotBytes);
    release(old, room * <u32>slotBytes);
    store<u32>(state, <u32>fresh, slotsAt);
    store<u32>(state, larger, roomAt);
  }
  store<u32>(state, used + 1, usedAt);
  return used;
}

/** The template not seen for longest gives way. */
function oldestSlot(state: usize): u32 {
  let oldest: u32 = 0;
  for (let slot: u32 = 1; slot < load<u32>(state, usedAt); slot++) {
    if (load<i64>(slotOf(state, slot), lastAt) < load<i64>(slotOf(state, oldest), lastAt)) oldest = slot;
  }
  const template = slotOf(state, oldest);
  let link = state + bucketsAt + (<usize>load<u32>(template, bucketAt) << 2);
  while (load<u32>(link) != oldest + 1) link = slotOf(state, load<u32>(link) - 1) + nextAt;
  store<u32>(link, load<u32>(template, nextAt));
  store<u32>(state, load<u32>(state, wordBytesAt) - releaseWords(template), wordBytesAt);
  store<f64>(state, load<f64>(state, forgottenAt) + 1, forgottenAt);
  return oldest;
}

function releaseWords(template: usize): u32 {
  const bytes = max<u32>(load<u32>(template, lengthAt), 1) << 2;
  release(<usize>load<u32>(template, wordsAt), bytes);
  return bytes;
}
