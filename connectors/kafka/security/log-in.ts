import type { Connection } from '../network/connection.ts';
import { errorCodes, errorName } from '../wire/error-code.ts';
import { saslAuthenticate, saslHandshake } from '../wire/sasl.ts';
import { logInByScram, ScramFault } from './scram.ts';

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER';

export interface Login {
  readonly mechanism: SaslMechanism;
  readonly user: string;
  /** Password, or the token of OAUTHBEARER. */
  readonly secret: string;
}

/** The broker does not let us in: another try would not help. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused';
}

const answerMsMax = 30_000;

/** Time (ms) until the broker ends the session; 0: it does not. */
export async function logIn(connection: Connection, login: Login): Promise<number> {
  const { error, mechanisms } = await connection.ask(saslHandshake, login.mechanism, answerMsMax);
  if (error === errorCodes.UNSUPPORTED_SASL_MECHANISM) {
    throw new LoginRefused(`the broker does not know ${login.mechanism}, it knows ${mechanisms.join(', ')}`);
  }
  if (error !== 0) throw new LoginRefused(`the broker answers ${errorName(error)}`);
  let lifetimeMs = 0;
  const send = async (message: Buffer): Promise<Buffer> => {
    const answer = await connection.ask(saslAuthenticate, message, answerMsMax);
    if (answer.error !== 0) throw new LoginRefused(answer.message ?? errorName(answer.error));
    lifetimeMs = answer.lifetimeMs;
    return answer.bytes;
  };
  try {
    await sendSecret(login, send);
  } catch (fault) {
    throw fault instanceof ScramFault ? new LoginRefused(fault.message) : fault;
  }
  return lifetimeMs;
}

async function sendSecret({ mechanism, user, secret }: Login, send: (message: Buffer) => Promise<Buffer>): Promise<void> {
  switch (mechanism) {
    case 'PLAIN':
      await send(Buffer.from(`\0${user}\0${secret}`));
      return;
    case 'OAUTHBEARER': {
      const refusal = await send(Buffer.from(`n,,\x01auth=Bearer ${secret}\x01\x01`));
      if (refusal.length === 0) return;
      // The broker says why only after another message.
      await send(Buffer.from('\x01'));
      throw new LoginRefused(refusal.toString());
    }
    default:
      await logInByScram({ user, password: secret, algorithm: mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512' }, send);
  }
}
