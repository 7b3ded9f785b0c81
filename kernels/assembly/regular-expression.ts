import { stringLength, stringPointer } from "./string-table";
import { beginText, finishText, reserveText, setTextLength, textCapacity } from "./text-builder";

// options: 1 ignores case, 2 lets the dot match a line's end. What is written gives its length even if it does not fit.
// @ts-ignore: decorator
@external("expression", "regexpMatches")
declare function hostMatches(text: usize, length: u32, pattern: usize, patternLength: u32, options: i32, full: i32): bool;
// @ts-ignore: decorator
@external("expression", "regexpExtract")
declare function hostExtract(
  text: usize, length: u32, pattern: usize, patternLength: u32, options: i32, group: i32, out: usize, room: u32,
): u32;
// @ts-ignore: decorator
@external("expression", "regexpReplace")
declare function hostReplace(
  text: usize, length: u32, pattern: usize, patternLength: u32, options: i32,
  replacement: usize, replacementLength: u32, all: i32, out: usize, room: u32,
): u32;

export function regexpMatches(text: u32, pattern: u32, options: i32, full: i32): bool {
  return hostMatches(stringPointer(text), stringLength(text), stringPointer(pattern), stringLength(pattern), options, full);
}

function extractInto(text: u32, pattern: u32, options: i32, group: i32): u32 {
  const out = reserveText(stringLength(text));
  return hostExtract(
    stringPointer(text), stringLength(text), stringPointer(pattern), stringLength(pattern), options, group, out, textCapacity(),
  );
}

export function regexpExtract(text: u32, pattern: u32, options: i32, group: i32): u32 {
  beginText();
  setTextLength(extractInto(text, pattern, options, group));
  return finishText();
}

function replaceInto(text: u32, pattern: u32, options: i32, replacement: u32, all: i32, room: u32): u32 {
  const out = reserveText(room);
  return hostReplace(
    stringPointer(text), stringLength(text), stringPointer(pattern), stringLength(pattern), options,
    stringPointer(replacement), stringLength(replacement), all, out, textCapacity(),
  );
}

export function regexpReplace(text: u32, pattern: u32, options: i32, replacement: u32, all: i32): u32 {
  beginText();
  let bytes = replaceInto(text, pattern, options, replacement, all, stringLength(text));
  if (bytes > textCapacity()) bytes = replaceInto(text, pattern, options, replacement, all, bytes);
  setTextLength(bytes);
  return finishText();
}
