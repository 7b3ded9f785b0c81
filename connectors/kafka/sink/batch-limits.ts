import type { Subject } from '../failure.ts';
import type { EpochOptions } from './epoch-records.ts';
import type { KafkaSinkSettings } from './sink-settings.ts';

/** A batch that does not compress becomes a little larger. */
const compressionShare = 0.98;
const compressionBytes = 128;

/** How rows become batches that the topic takes. */
export function epochOptions(
  settings: KafkaSinkSettings,
  subject: Subject,
  messageBytesMax: number,
  partitions: () => number,
): EpochOptions {
  const fits = Math.floor(messageBytesMax * compressionShare) - compressionBytes;
  return {
    partitions,
    hashesKeys: settings.hashesKeys,
    compression: settings.compression,
    batchBytes: Math.max(1, Math.min(settings.batchBytes, fits)),
    batchBytesMax: messageBytesMax,
    refuse: (bytes) =>
      new RangeError(
        `sink ${subject.source}, topic ${subject.topic}: a row makes a message of ${bytes} bytes, more than the topic takes (max.message.bytes = ${messageBytesMax}); raise it, compress, or write less of the row`,
      ),
  };
}
