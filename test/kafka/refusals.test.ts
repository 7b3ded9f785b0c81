import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { kafka } from '../../connectors/kafka/kafka.ts';
import { freePorts } from './broker/free-ports.ts';
import { kafkaIsHere, useKafka } from './support/fixture.ts';
import { optionValues } from './support/option-values.ts';
import { readTopic } from './support/raw-source.ts';

describe.skipIf(!kafkaIsHere)('what cannot be opened', () => {
  const fixture = useKafka();

  it('a topic that is not there', async () => {
    await expect(readTopic(fixture.options('nowhere'))).rejects.toMatchObject({
      name: 'ConnectorError',
      source: 'topic',
      message: 'connector kafka, topic nowhere: there is no such topic, or the user may not know of it',
      hint: expect.stringContaining('create it'),
    });
  });

  it('a broker that is not there', async () => {
    const [port] = await freePorts(1);
    await expect(readTopic({ brokers: `127.0.0.1:${port}`, topic: 'any' })).rejects.toMatchObject({
      message: `connector kafka, topic any: no broker can be spoken to: 127.0.0.1:${port} takes no connections`,
      hint: expect.stringContaining('check brokers'),
    });
    const brokers = `127.0.0.1:${port}, ${fixture.cluster.addresses()}`;
    const topic = await fixture.topic();
    expect((await readTopic({ brokers, topic })).records).toEqual([]);
  });

  it('somebody who speaks something else', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await expect(readTopic({ brokers: `127.0.0.1:${port}`, topic: 'any' })).rejects.toThrow('no Kafka at all');
    server.close();
  });
});

describe('options of kafka', () => {
  const faults = (written: Record<string, string>) =>
    kafka.checkOptions?.(optionValues({ brokers: 'a:1', topic: 't', ...written })).map(({ option }) => option);

  it.each([
    [{ brokers: 'a' }, 'brokers'],
    [{ brokers: 'a:99999' }, 'brokers'],
    [{ topic: 'a b' }, 'topic'],
    [{ start: 'tomorrow' }, 'start'],
    [{ tls_ca: 'x' }, 'tls_ca'],
    [{ tls: 'true', tls_cert: 'x' }, 'tls_cert'],
    [{ sasl: 'plain', user: 'a' }, 'secret_env'],
    [{ sasl: 'plain', secret_env: 'A' }, 'user'],
    [{ user: 'a' }, 'user'],
    [{ fetch_max_bytes: '100 MiB', memory_limit: '128 MiB' }, 'memory_limit'],
  ])('%o is refused', (written, option) => {
    expect(faults(written as Record<string, string>)).toEqual([option]);
  });

  it('others are taken', () => {
    expect(faults({ brokers: '[::1]:9092, b.example:9093', start: '2026-01-01 12:00:00', end: 'latest' })).toEqual([]);
    expect(faults({ sasl: 'oauthbearer', secret_env: 'TOKEN', tls: 'true' })).toEqual([]);
  });
});
