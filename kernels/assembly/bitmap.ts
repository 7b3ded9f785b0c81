/** Sets bit `index` of a zeroed bitmap to `value`. */
// @ts-ignore: decorator
@inline
export function setBit(bitmap: usize, index: u32, value: bool): void {
  const at = bitmap + (<usize>index >> 3);
  store<u8>(at, load<u8>(at) | (<u8>value << <u8>(index & 7)));
}
