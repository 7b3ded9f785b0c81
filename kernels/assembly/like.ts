import { lowerCase } from "./change-text";
import { stringLength, stringPointer } from "./string-table";

/**
 * SQL LIKE over UTF-8: % any text, _ one code point. `escape` is a byte, or 256 for none. DuckDB's rules: an escape at the pattern's
 * end matches nothing.
 */
export function like(text: u32, pattern: u32, escape: u32): bool {
  const t = stringPointer(text);
  const p = stringPointer(pattern);
  const textLength = stringLength(text);
  const patternLength = stringLength(pattern);
  let at: u32 = 0;
  let along: u32 = 0;
  let retryText: u32 = 0;
  let retryPattern: u32 = 0xffffffff;
  while (true) {
    if (along < patternLength) {
      let wanted = <u32>load<u8>(p + along);
      let literal = true;
      if (wanted == escape) {
        if (along + 1 >= patternLength) return false;
        along++;
        wanted = <u32>load<u8>(p + along);
      } else if (wanted == 37) {
        along++;
        retryText = at;
        retryPattern = along;
        continue;
      } else if (wanted == 95) literal = false;
      if (at < textLength) {
        if (!literal) {
          at++;
          while (at < textLength && (load<u8>(t + at) & 0xc0) == 0x80) at++;
          along++;
          continue;
        }
        if (<u32>load<u8>(t + at) == wanted) {
          at++;
          along++;
          continue;
        }
      }
    } else if (at == textLength) return true;
    if (retryPattern == 0xffffffff || retryText >= textLength) return false;
    retryText++;
    while (retryText < textLength && (load<u8>(t + retryText) & 0xc0) == 0x80) retryText++;
    at = retryText;
    along = retryPattern;
  }
}

export function likeAnyCase(text: u32, pattern: u32, escape: u32): bool {
  return like(lowerCase(text), lowerCase(pattern), escape);
}
