import { errorCodes, errorName } from '../wire/error-code.ts';

/** Errors that only members of a group meet. */
export const memberErrors = { INCONSISTENT_GROUP_PROTOCOL: 23, INVALID_SESSION_TIMEOUT: 26, MEMBER_ID_REQUIRED: 79 } as const;

const texts = new Map<number, string>([
  [memberErrors.INCONSISTENT_GROUP_PROTOCOL, 'consumers of another kind are in the group: give it a name of its own'],
  [
    memberErrors.INVALID_SESSION_TIMEOUT,
    'the broker does not take this session timeout (group.min.session.timeout.ms, group.max.session.timeout.ms)',
  ],
  [errorCodes.GROUP_AUTHORIZATION_FAILED, 'the user may not join the group: grant it Read on the group'],
  [errorCodes.FENCED_INSTANCE_ID, 'another process has joined under the same member name'],
]);

/** What a group's coordinator answers instead of doing what was asked. */
export class GroupFault extends Error {
  override readonly name = 'GroupFault';
  readonly code: number;

  constructor(code: number) {
    super(texts.get(code) ?? `the group's coordinator answers ${errorName(code)}`);
    this.code = code;
  }

  /** No other try would help. */
  get fatal(): boolean {
    return texts.has(this.code);
  }

  /** We are a member no more. */
  get gone(): boolean {
    return this.code === errorCodes.UNKNOWN_MEMBER_ID || this.code === errorCodes.ILLEGAL_GENERATION;
  }

  /** The group is looked after by another broker. */
  get moved(): boolean {
    const { COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR } = errorCodes;
    return ([COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR] as number[]).includes(this.code);
  }
}
