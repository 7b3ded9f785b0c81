import { ConnectorError } from '../connector.ts';
import { OffsetsMissing } from './fetch/offset-lookup.ts';
import { ConnectionLost, ResponseTooLarge } from './network/connection.ts';
import { NoBroker } from './network/cluster.ts';
import { LoginRefused } from './security/log-in.ts';
import { errorCodes, errorName } from './wire/error-code.ts';

/** Who speaks and about what, for messages. */
export interface Subject {
  readonly source: string;
  readonly topic: string;
}

/** What a person must know: which source, topic, partition and offset, and what to do about it. */
export function kafkaFailure({ source, topic }: Subject, message: string, hint?: string, passing = false): ConnectorError {
  return new ConnectorError(source, `connector kafka, topic ${topic}: ${message}`, hint, passing);
}

/** Any error of the network, of logging in, or of our own. */
export function describeFailure(subject: Subject, error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof LoginRefused) {
    return kafkaFailure(
      subject,
      `the broker does not let us in: ${message}`,
      'check sasl, user and the secret in the variable that secret_env names',
    );
  }
  if (error instanceof NoBroker || error instanceof ConnectionLost) {
    return kafkaFailure(subject, `no broker can be spoken to: ${message}`, hintFor(message), true);
  }
  if (error instanceof OffsetsMissing) return kafkaFailure(subject, message, 'its leaders may be away at the moment', true);
  if (error instanceof ResponseTooLarge) return kafkaFailure(subject, message, 'raise memory_limit: half of it is for one response');
  return kafkaFailure(subject, message);
}

function hintFor(message: string): string {
  if (/certificate|self.signed|issuer/i.test(message))
    return "tls_ca names the authorities to trust; host names must be in the broker's certificate";
  if (/wrong version number|TLS|SSL|EPROTO/i.test(message))
    return 'check tls and the port: brokers listen with and without TLS on different ones';
  return 'check brokers, and that the addresses which the brokers advertise can be reached from here';
}

/** A broker's answer about a partition that no other try would change. */
export function refusedPartition(subject: Subject, partition: number, offset: number, code: number): ConnectorError {
  const where = `partition ${partition}, offset ${offset}`;
  if (code === errorCodes.TOPIC_AUTHORIZATION_FAILED) {
    return kafkaFailure(subject, `${where}: the user may not read the topic`, 'grant it Read and Describe on the topic');
  }
  return kafkaFailure(subject, `${where}: the broker answers ${errorName(code)}`);
}

/** `passing`: somebody may still make it. */
export function missingTopic(subject: Subject, passing = false): ConnectorError {
  return kafkaFailure(
    subject,
    'there is no such topic, or the user may not know of it',
    "create it, or check its name and the user's rights",
    passing,
  );
}

/** A topic that was read is there no more. */
export function deletedTopic(subject: Subject): ConnectorError {
  return kafkaFailure(
    subject,
    'the topic is gone: it was deleted, or the user may not know of it any more',
    'on_topic_deleted = wait waits until it is made again; on_offset_out_of_range says what is done with the new one then',
  );
}
