import { errorName } from '../wire/error-code.ts';

/** Another producer with the same transactional id has taken over: nothing that this one sends will be taken. */
export class ProducerFenced extends Error {
  override readonly name = 'ProducerFenced';
}

/** The transaction cannot be committed; once it is aborted, another one can begin. */
export class TransactionFailed extends Error {
  override readonly name = 'TransactionFailed';
}

/** A broker refuses, and would refuse again: what was asked has to change. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly code: number;
  /** Topic and partition, group or transactional id that it is about. */
  readonly subject: string;

  constructor(code: number, subject: string, message: string | null = null) {
    super(`${subject}: the broker answers ${errorName(code)}${message === null ? '' : ` (${message})`}`);
    this.code = code;
    this.subject = subject;
  }
}

/** No broker took it in the time that was given: whether it was done is not known. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}
