import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { InstanceImage } from '../../compile/image/instance-image.ts';
import type { ImageMemory, TakenImage } from './taken-image.ts';

/** Raised when older versions could not read what is written now. */
const format = 1;
const lengthBytes = 4;
/** Images are made for speed: the next one takes its place soon. */
const compressionLevel = 1;
const mark = Buffer.from('millrace image\n');

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

interface Header {
  readonly format: number;
  readonly memories: readonly ImageMemory[];
}

/** As it is written: a mark, the length of a header, the header in JSON, the memories compressed with zstd. Works in the thread pool. */
export async function packImage({ memories, bytes }: Pick<TakenImage, 'memories' | 'bytes'>): Promise<Uint8Array> {
  const packed = await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: compressionLevel } });
  const header = Buffer.from(JSON.stringify({ format, memories } satisfies Header));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(header.length);
  return Buffer.concat([mark, length, header, packed]);
}

/** By query. Throws RangeError when the file is of another format. */
export async function unpackImage(file: Uint8Array): Promise<Map<string, InstanceImage>> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < mark.length + lengthBytes || !bytes.subarray(0, mark.length).equals(mark))
    throw new RangeError('it is not an image of memory');
  const begin = mark.length + lengthBytes;
  const end = begin + bytes.readUInt32LE(mark.length);
  const header = JSON.parse(bytes.toString('utf8', begin, end)) as Header;
  if (header.format !== format) throw new RangeError(`it has format ${header.format}; this version reads format ${format}`);
  const size = header.memories.reduce((sum, memory) => sum + memory.bytes, 0);
  const unpacked = await decompress(bytes.subarray(end), { maxOutputLength: Math.max(1, size) });
  if (unpacked.length !== size) throw new RangeError(`it holds ${unpacked.length} bytes of memory instead of ${size}`);
  const whole = new Uint8Array(size);
  whole.set(unpacked);
  const images = new Map<string, InstanceImage>();
  let offset = 0;
  for (const { query, bytes: length, globals, validities } of header.memories) {
    images.set(query, { memory: whole.subarray(offset, offset + length), globals, validities });
    offset += length;
  }
  return images;
}

/** Hexadecimal; counted in the thread pool. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)).toString('hex');
}
