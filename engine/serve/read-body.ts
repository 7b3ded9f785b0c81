import type { Context } from 'hono';

/** The body as text; null when it is longer than `bytesMax`, whether it says so or not. */
export async function readBody(context: Context, bytesMax: number): Promise<string | null> {
  if (Number(context.req.header('content-length') ?? 0) > bytesMax) return null;
  const { body } = context.req.raw;
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
