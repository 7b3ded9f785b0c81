import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { afterAll, describe, expect, it } from 'vitest';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import { kafkaSink } from '../../../connectors/kafka/sink/kafka-sink.ts';
import { buildBatch } from '../../store/build-batch.ts';
import { user } from '../broker/server-properties.ts';
import { kafkaIsHere, useKafka } from '../support/fixture.ts';
import { sinkOptionValues } from '../support/option-values.ts';
import { readTopic } from '../support/raw-source.ts';

const columns: readonly ColumnSpec[] = [{ name: 'n', type: { kind: 'bigint' }, nullable: false }];
const secret = 'MILLRACE_TEST_SINK_SECRET';

describe.skipIf(!kafkaIsHere)('a sink whose user has few rights', () => {
  const fixture = useKafka({
    listeners: ['PLAINTEXT', 'SASL_PLAINTEXT'],
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'millrace-rights-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    delete process.env[secret];
  });

  it('says which one is missing, one after the other, and writes when it has them all', async () => {
    process.env[secret] = user.password;
    const topic = await fixture.topic();
    const id = `millrace-${topic}-out`;
    const admin = fixture.kafka.admin();
    await admin.connect();
    const grant = (resourceType: AclResourceTypes, resourceName: string, operation: AclOperationTypes) =>
      admin.createAcls({
        acl: [
          {
            resourceType,
            resourceName,
            operation,
            resourcePatternType: ResourcePatternTypes.LITERAL,
            principal: `User:${user.name}`,
            host: '*',
            permissionType: AclPermissionTypes.ALLOW,
          },
        ],
      });
    const told: string[] = [];
    const login = { sasl: 'plain', user: user.name, secret_env: secret };
    const written = { ...login, topic, brokers: fixture.cluster.addresses('SASL_PLAINTEXT') };
    const open = () =>
      kafkaSink.open({
        sink: 'out',
        columns,
        options: sinkOptionValues(written),
        changes: false,
        key: null,
        directory: folder,
        folder: join(folder, 'spool'),
        clock: { now: Date.now },
        committed: new Map(),
        tell: (level, text) => told.push(`${level}: ${text}`),
      });
    const refusal = async (): Promise<{ message: string; hint: string }> => {
      const error = (await open().then(
        (writer) => writer.close(),
        (reason: unknown) => reason,
      )) as { message: string; hint: string };
      return { message: error?.message, hint: error?.hint };
    };
    const { TOPIC, GROUP, TRANSACTIONAL_ID } = AclResourceTypes;
    const { READ, WRITE, DESCRIBE } = AclOperationTypes;
    await expect.poll(refusal).toMatchObject({ message: expect.stringMatching(/may not write|may not know of it/) });
    await grant(TOPIC, topic, DESCRIBE);
    await expect.poll(refusal, { timeout: 20_000 }).toEqual({
      message: `connector kafka, topic ${topic}: the user may not use the transactional id ${id}`,
      hint: 'grant it Write and Describe on that transactional id',
    });
    await grant(TRANSACTIONAL_ID, id, WRITE);
    await expect.poll(refusal, { timeout: 20_000 }).toMatchObject({ message: expect.stringContaining(`may not use the group ${id}`) });
    await grant(GROUP, id, READ);
    const mayNot = {
      message: `connector kafka, topic ${topic}: the user may not write to the topic`,
      hint: 'grant it Write, Read and Describe on the topic',
    };
    await expect.poll(refusal, { timeout: 20_000 }).toEqual(mayNot);
    await grant(TOPIC, topic, READ);
    await expect.poll(refusal, { timeout: 20_000 }).toEqual({ message: undefined, hint: undefined });
    const writer = await open();
    const epoch = { writer: '0', number: 1 };
    await writer.write(epoch, buildBatch(columns, [[7n]]));
    await writer.prepare(epoch);
    await writer.commit(epoch);
    await expect.poll(() => told.join('\n'), { timeout: 20_000 }).toMatch(/the user may not write to the topic; it is tried again/);
    await grant(TOPIC, topic, WRITE);
    await expect.poll(() => writer.counts().rows, { timeout: 30_000 }).toBe(1);
    await writer.close();
    expect((await readTopic(fixture.options(topic))).records.map(({ value }) => value)).toEqual(['{"n":7}']);
    await admin.disconnect();
  }, 180_000);
});
