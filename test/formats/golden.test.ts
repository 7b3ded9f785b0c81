import { expect, it } from 'vitest';
import { generateDecoder } from '../../engine/compile/decoders/generate-decoder.ts';
import { column, decoderSpec } from './support.ts';

it('generates the decoder of a table, a reviewed text', async () => {
  const columns = [
    column('ts', 'timestamp', false),
    column('host', 'varchar', false),
    column('value', 'double'),
    column('count', 'bigint'),
    column('status', 'smallint'),
    column('price', { kind: 'decimal', width: 12, scale: 2 }),
    column('level', { kind: 'enum', values: ['low', 'high'] }),
    column('tags', { kind: 'list', child: { kind: 'varchar' } }),
    column('unread', 'varchar'),
  ];
  const spec = decoderSpec(columns, { needed: [0, 1, 2, 3, 4, 5, 6, 7], timestampUnit: 'ms' });
  await expect(generateDecoder(spec)).toMatchFileSnapshot('golden/json-decoder.txt');
});
