/** Indented lines of generated source. */
export function indent(lines: readonly string[], by = 1): string[] {
  const space = '  '.repeat(by);
  return lines.map((line) => (line === '' ? line : space + line));
}

export function generatedFunction(signature: string, body: readonly string[]): string {
  return [`${signature} {`, ...indent(body), '}'].join('\n');
}
