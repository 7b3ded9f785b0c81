import { ConnectorError } from '../../connector.ts';
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
  [errorCodes.TOPIC_AUTHORIZATION_FAILED, 'the user may not know of the topic of lanes: grant it Read and Describe on the topic'],
  [errorCodes.UNSUPPORTED_ASSIGNOR, 'the broker has no assignor of its own (group.consumer.assignors)'],
  [errorCodes.FENCED_INSTANCE_ID, 'another process has joined under the same member name'],
]);

/** They end by themselves. */
const waits = new Map<number, string>([
  [errorCodes.UNRELEASED_INSTANCE_ID, 'the group waits for a process of the same member name, until its session is over'],
  [errorCodes.GROUP_MAX_SIZE_REACHED, 'the group has as many members as the broker takes (group.consumer.max.size)'],
]);

/** What a group's coordinator answers instead of doing what was asked. */
export class GroupFault extends Error {
  override readonly name = 'GroupFault';
  readonly code: number;

  /** `message`: what the broker says besides. */
  constructor(code: number, message: string | null = null) {
    super(
      texts.get(code) ?? waits.get(code) ?? `the group's coordinator answers ${errorName(code)}${message === null ? '' : `: ${message}`}`,
    );
    this.code = code;
  }

  /** No other try would help. */
  get fatal(): boolean {
    return texts.has(this.code);
  }

  /** We are a member no more. */
  get gone(): boolean {
    const { UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, FENCED_MEMBER_EPOCH } = errorCodes;
    return ([UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, FENCED_MEMBER_EPOCH] as number[]).includes(this.code);
  }

  /** The group is looked after by another broker. */
  get moved(): boolean {
    const { COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR } = errorCodes;
    return ([COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR] as number[]).includes(this.code);
  }
}

export function notOffered(group: string, reason: string): ConnectorError {
  const hint =
    'brokers offer it from Kafka 4.0 on, with group.version=1 and "consumer" in group.coordinator.rebalance.protocols; or use --group-protocol classic';
  return new ConnectorError(group, `the broker does not take --group-protocol consumer: ${reason}`, hint);
}

export function classicGroupThere(group: string, reason: string): ConnectorError {
  const hint =
    'brokers convert it where group.consumer.migration.policy allows that; or stop all processes of the group, then start them with one --group-protocol';
  return new ConnectorError(group, `group ${group} has members of the classic protocol: ${reason}`, hint);
}
