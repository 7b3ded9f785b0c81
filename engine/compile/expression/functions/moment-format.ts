import type { FunctionCall } from '../function-call.ts';

/** strftime's letters, as kernels/assembly/format-moment.ts knows them. */
const specifiers = 'aAbBdfgGHIjmMnpSuUVwWxXyYzZ';
const unpadded = 'dHIjmMSy';

/**
 * Program of a constant format: pairs of bytes (code, operand), 0 at the end. Code 1 writes the operand byte; code 2 the part of letter
 * `operand`; code 3 the same without leading zeros.
 */
export function formatProgram(call: FunctionCall, format: string): Uint8Array {
  const bytes = new TextEncoder().encode(format);
  const program: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x25) {
      program.push(1, bytes[i] as number);
      continue;
    }
    const plain = bytes[i + 1] === 0x2d;
    if (plain) i++;
    const letter = String.fromCharCode(bytes[++i] ?? 0);
    if (letter === '%' && !plain) program.push(1, 0x25);
    else if (letter === 'c' && !plain) program.push(...formatProgram(call, '%Y-%m-%d %H:%M:%S').slice(0, -2));
    else if (letter === 'x' && !plain) program.push(...formatProgram(call, '%Y-%m-%d').slice(0, -2));
    else if (letter === 'X' && !plain) program.push(...formatProgram(call, '%H:%M:%S').slice(0, -2));
    else if ((plain ? unpadded : specifiers).includes(letter)) program.push(plain ? 3 : 2, letter.charCodeAt(0));
    else throw call.refuse(`strftime with %${plain ? '-' : ''}${letter}`);
  }
  return Uint8Array.from([...program, 0, 0]);
}
