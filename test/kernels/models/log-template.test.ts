import { describe, expect, it } from 'vitest';
import { compileKernel } from '../../../bench/compile-kernel.ts';
import { type LogTemplate, type LogTemplateOptions, LogTemplates } from '../../../kernels/models/log-template.ts';
import { Random } from '../../connectors/random.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  openLogTemplate(templates: number, similarity: number, learning: number, burstRows: number): number;
  stepLogTemplate(state: number, text: number, micros: bigint): void;
  closeLogTemplate(state: number): void;
  bytesLogTemplate(state: number): number;
  take(bytes: number): number;
  internString(pointer: number, length: number): number;
  stringPointer(id: number): number;
  stringLength(id: number): number;
  liveStrings(): number;
  /** Forgets all strings but those that the state keeps. */
  collect(state: number): void;
}

const source = `
import { allocate, limitMemory } from "./kernels/memory";
import { beginMarking, initialiseStrings, sweepStrings } from "./kernels/string-table";
import { markLogTemplate } from "./kernels/models/log-template";
export { internString, stringPointer, stringLength, liveStrings } from "./kernels/string-table";
export { openLogTemplate, stepLogTemplate, closeLogTemplate, bytesLogTemplate } from "./kernels/models/log-template";
export function take(bytes: u32): usize { return allocate(bytes); }
export function collect(state: usize): void { beginMarking(); markLogTemplate(state); sweepStrings(); }
limitMemory(4096);
initialiseStrings();
`;

const minute = 60_000_000n;

function lines(count: number, random: Random): (string | null)[] {
  const below = (most: number) => Math.floor(random.next() * most);
  const words = ['user', 'Grüße', '失敗', 'of', '<*>', 'took', '<**>', 'x=y', 'é', 'a\u{1f600}b'];
  const word = () => words[below(words.length)] as string;
  const makers = [
    () => `connection from 10.0.${below(255)}.7 closed after ${below(900)} ms`,
    () => `user ${['ann', 'bob', 'eve'][below(3)]} logged in from ${['web', 'app'][below(2)]}`,
    () => ` \t  leading and   many blanks ${word()}\r\n`,
    () => `${below(90)}`,
    () => '',
    () => '   ',
    () => null,
    () => Array.from({ length: 120 + below(20) }, () => word()).join(' '),
    () => Array.from({ length: 1 + below(9) }, () => word()).join(' '),
    () => `${word()} ${'long'.repeat(below(400))} ${word()}`,
  ];
  return Array.from({ length: count }, () => (makers[below(makers.length)] as () => string | null)());
}

function numbersOf(found: LogTemplate | null): (number | null)[] {
  if (found === null) return Array.from({ length: 6 }, () => null);
  const { id, count, isNew, isBurst, usual, forgotten } = found;
  return [id, count, Number(isNew), Number(isBurst), usual, forgotten];
}

describe('templates of log messages', () => {
  it('words with a digit vary, those that differ vary from then on; a message that is too different begins a template', () => {
    const model = new LogTemplates();
    const step = (text: string) => model.step(text, 0n);
    expect(step('job 17 done in 3s')).toMatchObject({ template: 'job <*> done in <*>', id: 1, count: 1 });
    expect(step('job 18 failed in 4s')).toMatchObject({ template: 'job <*> <*> in <*>', id: 1, count: 2 });
    expect(step('job 18 cannot find file')).toMatchObject({ id: 2, count: 1 });
    expect(step('job 18 failed')).toMatchObject({ template: 'job <*> failed', id: 3 });
    expect(model.step(null, 0n)).toBeNull();
  });

  it('is new only after the learning time; the least recent gives way, and that is counted', () => {
    const model = new LogTemplates({ templates: 2, learningMicros: 5n * minute });
    const found = ['a b', 'c d', 'a b', 'e f', 'c d'].map((text, row) => model.step(text, BigInt(row) * 2n * minute));
    expect(found.map((each) => [each?.id, each?.isNew, each?.forgotten])).toEqual([
      [1, false, 0],
      [2, false, 0],
      [1, false, 0],
      [3, true, 1],
      [4, true, 2],
    ]);
  });

  it('a burst is said once, against the usual rate; after it a new one', () => {
    const model = new LogTemplates();
    const bursts: number[] = [];
    for (let at = 0; at < 120; at++) {
      const rows = at === 70 || at === 71 || at === 100 ? 60 : 6;
      for (let row = 0; row < rows; row++) {
        if (model.step('disk is full', BigInt(at) * minute + BigInt(row) * 100_000n)?.isBurst) bursts.push(at);
      }
    }
    expect(bursts).toEqual([70, 100]);
  });

  it('the kernel gives what the definition gives, whenever strings are collected', async () => {
    const kernel = await compileKernel<Kernel>(source);
    const encoder = new TextEncoder();
    const decoder = new TextDecoder();
    const room = kernel.take(16_384);
    const cases: Required<LogTemplateOptions>[] = [
      { templates: 1_000, similarity: 0.5, learningMicros: 10n * minute, burstRows: 10 },
      { templates: 7, similarity: 0.8, learningMicros: 0n, burstRows: 2 },
      { templates: 1, similarity: 0, learningMicros: minute, burstRows: 3 },
    ];
    for (const options of cases) {
      const random = new Random(8);
      const model = new LogTemplates(options);
      const { templates, similarity, learningMicros, burstRows } = options;
      const state = kernel.openLogTemplate(templates, similarity, Number(learningMicros), burstRows);
      let micros = -3_000n * minute;
      for (const [row, text] of lines(3_000, random).entries()) {
        micros += BigInt(Math.floor(random.next() * 4_000_000)) + (row % 500 === 77 ? 90n * minute : 0n) - (row % 91 === 5 ? minute : 0n);
        let id = 0xffffffff;
        if (text !== null) {
          const bytes = encoder.encode(text);
          new Uint8Array(kernel.memory.buffer).set(bytes, room);
          id = kernel.internString(room, bytes.length);
        }
        kernel.stepLogTemplate(state, id, micros);
        const wanted = model.step(text, micros);
        const [template, ...numbers] = [...new Float64Array(kernel.memory.buffer, state, 7)];
        const shown =
          wanted === null
            ? null
            : decoder.decode(
                new Uint8Array(kernel.memory.buffer, kernel.stringPointer(template as number), kernel.stringLength(template as number)),
              );
        expect([row, shown, ...numbers.map((each) => (Number.isNaN(each) ? null : each))]).toEqual([
          row,
          wanted?.template ?? null,
          ...numbersOf(wanted),
        ]);
        if (row % 100 === 99) kernel.collect(state);
      }
      expect(kernel.bytesLogTemplate(state)).toBeLessThan(templates * 700 + 2_000);
      kernel.closeLogTemplate(state);
    }
  });
});
