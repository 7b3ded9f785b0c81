import { ConnectorError } from '../../connector.ts';
import { describeFailure, kafkaFailure, type Subject } from '../failure.ts';
import { OutcomeUnknown, ProducerFenced, RequestRefused } from '../produce/producer-error.ts';
import { errorCodes } from '../wire/error-code.ts';
import { notAllowed } from './sink-topic.ts';

/** What went wrong when rows were published, for a person. */
export function sinkFailure(subject: Subject, transactionalId: string, error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (error instanceof ProducerFenced) {
    return kafkaFailure(
      subject,
      `another process has taken over the transactional id ${transactionalId}; this one writes no more, and its rows wait in the data folder`,
      'run one process of a data folder only; another data folder needs a transactional_id of its own',
    );
  }
  if (error instanceof OutcomeUnknown) return kafkaFailure(subject, error.message, 'check that brokers and replicas are there');
  if (!(error instanceof RequestRefused)) return describeFailure(subject, error);
  switch (error.code) {
    case errorCodes.TOPIC_AUTHORIZATION_FAILED:
      return notAllowed(subject);
    case errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return kafkaFailure(
        subject,
        `the user may not use the transactional id ${transactionalId}`,
        'grant it Write and Describe on that transactional id',
      );
    case errorCodes.GROUP_AUTHORIZATION_FAILED:
      return kafkaFailure(
        subject,
        `the user may not use the group ${transactionalId}`,
        'grant it Read on that group: it keeps the position',
      );
    case errorCodes.INVALID_TRANSACTION_TIMEOUT:
      return kafkaFailure(subject, 'transaction_timeout is longer than brokers allow', 'lower it, or raise transaction.max.timeout.ms');
    case errorCodes.MESSAGE_TOO_LARGE:
    case errorCodes.RECORD_LIST_TOO_LARGE:
      return kafkaFailure(
        subject,
        error.message,
        "raise the topic's max.message.bytes: it was lowered after these rows had been committed",
      );
    default:
      return kafkaFailure(subject, error.message);
  }
}
