import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** One kind of request at one version. */
export interface Call<Request, Response> {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  /** The header of a response to ApiVersions has no tagged fields, whatever its version. */
  readonly plainResponse?: boolean;
  /** Headers and bodies have tagged fields. */
  readonly flexible: boolean;
  write(writer: Writer, request: Request): void;
  read(reader: Reader): Response;
}

/** The whole frame. */
export function frameOf<Request>(call: Call<Request, unknown>, correlation: number, clientId: string, request: Request): Buffer {
  const writer = new Writer().int32(0).int16(call.key).int16(call.version).int32(correlation).string(clientId);
  if (call.flexible) writer.tags();
  call.write(writer, request);
  const bytes = writer.bytes();
  bytes.writeInt32BE(bytes.length - 4, 0);
  return bytes;
}
