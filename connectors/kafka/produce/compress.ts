import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { compressLz4 } from './lz4.ts';
import { compressSnappy } from './snappy.ts';

export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
/** Its place in `codecs` is its number in a record batch. */
export type Codec = (typeof codecs)[number];

const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

export function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes);
    case 'snappy':
      return compressSnappy(bytes);
    case 'lz4':
      return compressLz4(bytes);
    case 'zstd':
      return zstdCompressSync(bytes, zstdOptions);
  }
}
