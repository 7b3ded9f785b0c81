import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionLost } from '../network/connection.ts';
import type { Call } from '../wire/call.ts';
import { errorCodes } from '../wire/error-code.ts';
import { assignedLanes, assignmentOf, claimsOf, shareOut, subscription } from './assignment.ts';
import { MemberLink } from './member-link.ts';
import { GroupFault, memberErrors } from './group-fault.ts';
import type { Membership, MembershipHost, MembershipOptions } from './membership.ts';
import { heartbeat, joinGroup, leaveGroup, type MemberId, syncGroup } from './requests.ts';

/** Heartbeats in one session. */
const beatsPerSession = 5;
const beatMsMax = 2_000;
/** Members have this long (ms) at the least to join again when others come or go. */
const rebalanceMsMin = 30_000;
const retryMs = 200;
/** Its own name, so that no member of another kind can join. */
const protocol = 'millrace-lanes';

/** Member of a group that shares its lanes out itself: one of them does for all. */
export class ClassicMembership implements Membership {
  readonly #options: MembershipOptions;
  readonly #host: MembershipHost;
  readonly #link: MemberLink;
  #member = '';
  #generation = -1;
  #ackedAt = 0;
  #rebalances = 0;
  #closed = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #lettingGo: Promise<void> | null = null;
  /** A lane was let go: others may have it. */
  #rejoin = false;

  constructor(options: MembershipOptions, host: MembershipHost) {
    this.#options = options;
    this.#host = host;
    this.#link = new MemberLink(options.cluster, options.group);
  }

  get acknowledgedAt(): number {
    return this.#ackedAt;
  }

  get rebalances(): number {
    return this.#rebalances;
  }

  get memberId(): string {
    return this.#member;
  }

  /** Lanes are fenced by their transactional ids; a generation that others' coming and going ends would only have work done again. */
  get committer(): null {
    return null;
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    this.#link.reset();
    await this.#running;
    if (this.#member !== '' && this.#options.instance === null) await this.#ask(leaveGroup, this.#id).catch(() => undefined);
    this.#link.reset();
  }

  get #id(): MemberId {
    return { group: this.#options.group, member: this.#member, instance: this.#options.instance };
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#join();
        await this.#stay();
      } catch (error) {
        if (this.#closed) return;
        if (!(await this.#recover(error))) return;
      }
    }
  }

  async #join(): Promise<void> {
    const { sessionMs, topic, lanes } = this.#options;
    const rebalanceMs = Math.max(rebalanceMsMin, sessionMs);
    const metadata = subscription(topic, this.#host.held(), this.#generation);
    const joined = await this.#ask(joinGroup, { ...this.#id, sessionMs, rebalanceMs, protocol, metadata }, rebalanceMs + sessionMs);
    if (joined.error === memberErrors.MEMBER_ID_REQUIRED) {
      this.#member = joined.member;
      return this.#join();
    }
    check(joined.error);
    this.#member = joined.member;
    const claims = joined.leader === joined.member ? joined.members.map((each) => claimsOf(each.member, each.metadata)) : [];
    const shares = claims.length === 0 ? new Map<string, number[]>() : shareOut(lanes, claims);
    const assignments = [...shares].map(([member, share]) => ({ member, assignment: assignmentOf(topic, share) }));
    const synced = await this.#ask(syncGroup, { ...this.#id, generation: joined.generation, assignments }, rebalanceMs + sessionMs);
    check(synced.error);
    this.#generation = joined.generation;
    this.#rebalances++;
    this.#ackedAt = Date.now();
    this.#assign(assignedLanes(synced.assignment));
  }

  /** Lanes that others shall have are let go while heartbeats go on; then the group shares out again. */
  #assign(lanes: readonly number[]): void {
    const share = new Set(lanes);
    const gives = this.#host.held().some((lane) => !share.has(lane));
    const going = this.#host.assigned(lanes).then(() => {
      if (this.#lettingGo !== going) return;
      this.#lettingGo = null;
      this.#rejoin = gives;
      if (gives) this.#wake();
    });
    this.#lettingGo = going;
  }

  /** Until the group wants to share out again, or we do. */
  async #stay(): Promise<void> {
    const everyMs = Math.min(beatMsMax, this.#options.sessionMs / beatsPerSession);
    for (;;) {
      await this.#rest(everyMs);
      if (this.#closed) return;
      if (this.#rejoin) {
        this.#rejoin = false;
        return;
      }
      const error = await this.#ask(heartbeat, { ...this.#id, generation: this.#generation });
      if (error === errorCodes.REBALANCE_IN_PROGRESS) return;
      check(error);
      this.#ackedAt = Date.now();
    }
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#rejoin || this.#closed) this.#wake();
    });
  }

  /** Whether another try makes sense. */
  async #recover(error: unknown): Promise<boolean> {
    if (error instanceof ConnectionLost) this.#link.reset();
    else if (error instanceof GroupFault) {
      if (error.fatal) {
        this.#host.lost();
        this.#host.failed(error);
        return false;
      }
      if (error.gone) {
        this.#member = '';
        this.#generation = -1;
        this.#host.lost();
      }
      if (error.moved) this.#link.reset();
    } else if ((error as Error).name !== 'NoBroker') {
      this.#host.failed(error as Error);
      return false;
    }
    await delay(retryMs, undefined, { ref: false });
    return true;
  }

  #ask<Request, Response>(call: Call<Request, Response>, request: Request, msMax = this.#options.sessionMs): Promise<Response> {
    return this.#link.ask(call, request, msMax);
  }
}

function check(error: number): void {
  if (error !== 0) throw new GroupFault(error);
}
