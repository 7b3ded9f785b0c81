import { ClassicMembership } from './classic-membership.ts';
import { ConsumerMembership } from './consumer-membership.ts';
import type { GroupProtocol, Membership, MembershipHost, MembershipOptions } from './membership.ts';

/** It joins when it is started. */
export function openMembership(protocol: GroupProtocol, options: MembershipOptions, host: MembershipHost): Membership {
  return protocol === 'consumer' ? new ConsumerMembership(options, host) : new ClassicMembership(options, host);
}
