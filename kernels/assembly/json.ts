import { fail, faultArgument } from "./fault";
import { stringLength, stringPointer } from "./string-table";
import { beginText, finishText, reserveText, setTextLength, textCapacity } from "./text-builder";

// Bytes written (their number even where they do not fit), or a number; -1: NULL, -2: the text is no JSON.
// @ts-ignore: decorator
@external("expression", "askJson")
declare function hostAsk(text: usize, length: u32, path: usize, pathLength: u32, mode: i32, out: usize, room: u32): i32;

/** Stands for NULL among remembered answers. */
export const jsonNull: u32 = 0xfffffffe;

function ask(text: u32, path: u32, mode: i32, room: u32): i32 {
  const out = reserveText(room);
  const answer = hostAsk(stringPointer(text), stringLength(text), stringPointer(path), stringLength(path), mode, out, textCapacity());
  if (answer == -2) fail(faultArgument);
  return answer;
}

/** Id of the answer's bytes. */
export function jsonString(text: u32, path: u32, mode: i32): u32 {
  beginText();
  let bytes = ask(text, path, mode, stringLength(text));
  if (bytes > <i32>textCapacity()) bytes = ask(text, path, mode, <u32>bytes);
  if (bytes < 0) return jsonNull;
  setTextLength(<u32>bytes);
  return finishText();
}

export function jsonNumber(text: u32, path: u32, mode: i32): u32 {
  beginText();
  const answer = ask(text, path, mode, 0);
  return answer < 0 ? jsonNull : <u32>answer;
}
