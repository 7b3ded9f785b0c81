/** Statements longer than this are a mistake (a file piped in by accident). */
const bytesMax = 1 << 20;

export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    bytes += (chunk as Buffer).length;
    if (bytes > bytesMax) throw new Error(`standard input holds more than ${bytesMax} bytes of SQL`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
