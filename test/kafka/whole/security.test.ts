import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { user } from '../broker/server-properties.ts';
import { kafkaIsHere, useKafka } from '../support/fixture.ts';
import { RawSource, readTopic } from '../support/raw-source.ts';

const secret = 'MILLRACE_TEST_KAFKA_SECRET';

/** An unsigned token, as the broker's default validator takes it. */
function token(subject: string, expiresInS = 3_600): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (claims: unknown) => Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now - 10, exp: now + expiresInS })}.`;
}

describe.skipIf(!kafkaIsHere)('security', () => {
  const fixture = useKafka({
    listeners: ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
    properties: { 'connections.max.reauth.ms': 4_000 },
  });
  let topic = '';
  beforeAll(async () => {
    if (!kafkaIsHere) return;
    topic = await fixture.topic();
    await fixture.java.produce(topic, 0, 0, 300, 105);
  });
  afterAll(() => {
    delete process.env[secret];
  });

  const options = (listener: 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL', more: Record<string, string>) => ({
    brokers: fixture.cluster.addresses(listener),
    topic,
    ...(listener.endsWith('SSL') ? { tls: 'true', tls_ca: fixture.cluster.certificates.ca } : {}),
    ...more,
  });
  const count = async (listener: Parameters<typeof options>[0], more: Record<string, string> = {}) =>
    (await readTopic(options(listener, more))).records.length;
  const login = (sasl: string) => ({ sasl, user: user.name, secret_env: secret });

  it('speaks TLS, with and without a certificate of its own', async () => {
    const { clientCertificate, clientKey } = fixture.cluster.certificates;
    expect(await count('SSL')).toBe(300);
    expect(await count('SSL', { tls_cert: clientCertificate, tls_key: clientKey })).toBe(300);
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('logs in by %s, with and without TLS', async (mechanism) => {
    process.env[secret] = user.password;
    expect(await count('SASL_PLAINTEXT', login(mechanism))).toBe(300);
    expect(await count('SASL_SSL', login(mechanism))).toBe(300);
  });

  it('logs in by oauthbearer', async () => {
    process.env[secret] = token(user.name);
    expect(await count('SASL_PLAINTEXT', { sasl: 'oauthbearer', secret_env: secret })).toBe(300);
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('says that the password is wrong: %s', async (mechanism) => {
    process.env[secret] = 'wrong';
    await expect(count('SASL_SSL', login(mechanism))).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`connector kafka, topic ${topic}: the broker does not let us in: .*[Aa]uthentication`)),
      hint: expect.stringContaining('secret_env'),
    });
  });

  it('says that a token is worth nothing, and that a variable is missing', async () => {
    process.env[secret] = token(user.name, -100);
    await expect(count('SASL_PLAINTEXT', { sasl: 'oauthbearer', secret_env: secret })).rejects.toThrow('does not let us in');
    delete process.env[secret];
    await expect(count('SASL_PLAINTEXT', login('plain'))).rejects.toThrow(`the environment variable ${secret} is not set`);
  });

  it('goes on when the broker ends sessions', async () => {
    process.env[secret] = user.password;
    const own = await fixture.topic();
    const source = await RawSource.open({ ...options('SASL_SSL', login('scram-sha-512')), topic: own });
    for (let round = 1; round <= 4; round++) {
      await fixture.java.produce(own, 0, round * 100, 100, 105);
      await source.read(round * 100);
      await delay(2_000);
    }
    expect(source.seen.records.map(({ offset }) => offset)).toEqual([...Array(400).keys()]);
    await source.close();
  });

  it('does not trust whom nobody vouches for', async () => {
    const { otherCa } = fixture.cluster.certificates;
    await expect(count('SSL', { tls_ca: otherCa })).rejects.toMatchObject({ hint: expect.stringContaining('tls_ca') });
  });

  it('says what is the matter when TLS meets a listener without it, and the other way round', async () => {
    const brokers = fixture.cluster.addresses('PLAINTEXT');
    await expect(readTopic(options('SSL', { brokers }))).rejects.toMatchObject({ hint: expect.stringContaining('check tls and the port') });
    await expect(readTopic({ brokers: fixture.cluster.addresses('SSL'), topic })).rejects.toThrow('TLS');
  });
});
