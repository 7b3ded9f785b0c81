import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);
const iterationsMin = 4096;
const iterationsMax = 1 << 20;
const noChannel = 'biws';

export class ScramFault extends Error {}

export interface ScramLogin {
  readonly user: string;
  readonly password: string;
  readonly algorithm: 'sha256' | 'sha512';
}

/** RFC 5802 without channel binding: `send` gives the server's answer to each message. Throws ScramFault. */
export async function logInByScram(
  { user, password, algorithm }: ScramLogin,
  send: (message: Buffer) => Promise<Buffer>,
  nonce = randomBytes(24).toString('base64'),
): Promise<void> {
  const name = user.replaceAll('=', '=3D').replaceAll(',', '=2C');
  const first = `n=${name},r=${nonce}`;
  const challenge = (await send(Buffer.from(`n,,${first}`))).toString();
  const { r: bothNonces = '', s: salt = '', i = '' } = fieldsOf(challenge);
  const iterations = Number(i);
  if (!bothNonces.startsWith(nonce) || bothNonces === nonce) throw new ScramFault('the broker did not repeat our nonce');
  if (!(iterations >= iterationsMin && iterations <= iterationsMax)) throw new ScramFault(`the broker asks for ${i} iterations`);
  const bytes = createHash(algorithm).digest().length;
  const salted = await derive(password.normalize('NFKC'), Buffer.from(salt, 'base64'), iterations, bytes, algorithm);
  const hmac = (key: Buffer, text: string) => createHmac(algorithm, key).update(text).digest();
  const clientKey = hmac(salted, 'Client Key');
  const unproved = `c=${noChannel},r=${bothNonces}`;
  const message = `${first},${challenge},${unproved}`;
  const signature = hmac(createHash(algorithm).update(clientKey).digest(), message);
  const proof = clientKey.map((byte, index) => byte ^ (signature[index] as number));
  const last = fieldsOf((await send(Buffer.from(`${unproved},p=${Buffer.from(proof).toString('base64')}`))).toString());
  if (last.e !== undefined) throw new ScramFault(last.e);
  const proved = Buffer.from(last.v ?? '', 'base64');
  const expected = hmac(hmac(salted, 'Server Key'), message);
  if (proved.length !== expected.length || !timingSafeEqual(proved, expected))
    throw new ScramFault('the broker does not know the password');
}

function fieldsOf(message: string): Record<string, string> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
