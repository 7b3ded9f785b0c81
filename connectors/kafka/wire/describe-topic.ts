import type { Call } from './call.ts';

const topicResource = 2;

/** One setting of a topic, as it is in force. */
export const describeTopic: Call<
  { readonly topic: string; readonly setting: string },
  { readonly error: number; readonly value: string | null }
> = {
  name: 'DescribeConfigs',
  key: 32,
  version: 4,
  flexible: true,
  write(writer, { topic, setting }) {
    writer.compactArray([topic], () => {
      writer.int8(topicResource).compactString(topic);
      writer.compactArray([setting], (name) => writer.compactString(name)).tags();
    });
    writer.boolean(false).boolean(false).tags();
  },
  read(reader) {
    reader.int32();
    if (reader.unsignedVarint() < 2) return { error: 0, value: null };
    const error = reader.int16();
    reader.compactString();
    reader.int8();
    reader.compactString();
    if (reader.unsignedVarint() < 2) return { error, value: null };
    reader.compactString();
    return { error, value: reader.compactString() };
  },
};
