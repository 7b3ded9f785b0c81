import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionLost } from '../network/connection.ts';
import { errorCodes } from '../wire/error-code.ts';
import type { GroupMember } from '../wire/transaction.ts';
import { type ConsumerHeartbeat, consumerHeartbeat, memberEpochs, type TopicLanes } from './consumer-heartbeat.ts';
import { classicGroupThere, GroupFault, notOffered } from './group-fault.ts';
import { MemberLink, NotOffered } from './member-link.ts';
import type { Membership, MembershipHost, MembershipOptions } from './membership.ts';

/** Lanes must be let go in this time (ms), or the group goes on without us. */
const rebalanceMs = 60_000;
const answerMsMax = 10_000;
const retryMs = 200;
/** Until the broker has said how often it wants to hear of us. */
const everyMsFirst = 1_000;

/** Member of a group whose lanes the broker shares out (KIP-848): heartbeats are all there is. */
export class ConsumerMembership implements Membership {
  readonly memberId = randomUUID();
  readonly #options: MembershipOptions;
  readonly #host: MembershipHost;
  readonly #link: MemberLink;
  #epoch: number = memberEpochs.joins;
  #everyMs = everyMsFirst;
  #ackedAt = 0;
  #rebalances = 0;
  /** Id of the topic of lanes, as the broker names it with the first ones. */
  #topicId = '';
  /** What is ours, as the broker said last; null: we are no member. */
  #share: ReadonlySet<number> | null = null;
  #lettingGo: Promise<void> | null = null;
  /** What we have has to be said. */
  #letGo = false;
  /** The broker may not have got our last word: everything is said again. */
  #whole = true;
  #told = '';
  #closed = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

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

  get committer(): GroupMember {
    return { memberId: this.memberId, generation: this.#epoch, instanceId: this.#options.instance };
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    this.#link.reset();
    await this.#running;
    const { group, instance } = this.#options;
    const epoch = instance === null ? memberEpochs.leaves : memberEpochs.comesBack;
    const farewell = { group, member: this.memberId, epoch, instance, rebalanceMs: null, topics: null, owned: null };
    if (this.#share !== null) await this.#link.ask(consumerHeartbeat, farewell, answerMsMax).catch(() => undefined);
    this.#link.reset();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#beat();
        if (!this.#letGo) await this.#rest(this.#everyMs);
      } catch (error) {
        if (this.#closed || !(await this.#recover(error))) return;
      }
    }
  }

  async #beat(): Promise<void> {
    const request = this.#request();
    // Cleared beforehand: what is let go while we wait for the answer has to be said again.
    this.#letGo = false;
    const { error, message, epoch, everyMs, assignment } = await this.#link.ask(consumerHeartbeat, request, answerMsMax);
    if (error !== 0) throw new GroupFault(error, message);
    this.#whole = false;
    this.#told = '';
    this.#ackedAt = Date.now();
    if (everyMs > 0) this.#everyMs = everyMs;
    if (epoch !== this.#epoch) this.#rebalances++;
    this.#epoch = epoch;
    if (assignment !== null) this.#assign(assignment);
  }

  #request(): ConsumerHeartbeat {
    const { group, topic, instance } = this.#options;
    const joins = this.#epoch === memberEpochs.joins;
    const same = { group, member: this.memberId, epoch: this.#epoch, instance };
    if (joins) return { ...same, rebalanceMs, topics: [topic], owned: [] };
    if (this.#whole) return { ...same, rebalanceMs, topics: [topic], owned: this.#owned() };
    return { ...same, rebalanceMs: null, topics: null, owned: this.#letGo ? this.#owned() : null };
  }

  #owned(): TopicLanes[] {
    const lanes = this.#host.held();
    return lanes.length === 0 ? [] : [{ topic: this.#topicId, lanes }];
  }

  /** New lanes run at once: nobody else has them. When those that are not ours any more have been let go, the broker is told so. */
  #assign(assignment: readonly TopicLanes[]): void {
    const named = assignment.at(-1);
    if (named !== undefined) this.#topicId = named.topic;
    const lanes = (named?.lanes ?? []).toSorted((a, b) => a - b);
    const before = this.#share;
    if (before !== null && before.size === lanes.length && lanes.every((lane) => before.has(lane))) return;
    this.#share = new Set(lanes);
    const going = this.#host.assigned(lanes).then(() => {
      if (this.#lettingGo !== going) return;
      this.#lettingGo = null;
      this.#letGo = true;
      this.#wake();
    });
    this.#lettingGo = going;
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#letGo || this.#closed) this.#wake();
    });
  }

  /** Whether another try makes sense. */
  async #recover(error: unknown): Promise<boolean> {
    this.#whole = true;
    if (error instanceof GroupFault) {
      const fatal = this.#fatal(error);
      if (fatal !== null) return this.#end(fatal);
      if (error.gone || error.code === errorCodes.GROUP_ID_NOT_FOUND) this.#lose();
      else if (error.moved) this.#link.reset();
      else this.#tell(error.message);
    } else if (error instanceof NotOffered) return this.#end(notOffered(this.#options.group, error.message));
    else if (error instanceof ConnectionLost) this.#link.reset();
    else if ((error as Error).name !== 'NoBroker') return this.#end(error as Error);
    await delay(retryMs, undefined, { ref: false });
    return true;
  }

  #fatal(error: GroupFault): Error | null {
    const { group } = this.#options;
    if (error.code === errorCodes.UNSUPPORTED_VERSION) return notOffered(group, error.message);
    // Who joins a group makes it: there is one of another kind.
    if (error.code === errorCodes.GROUP_ID_NOT_FOUND && this.#epoch === memberEpochs.joins) return classicGroupThere(group, error.message);
    return error.fatal ? error : null;
  }

  #lose(): void {
    const member = this.#share !== null;
    this.#epoch = memberEpochs.joins;
    this.#share = null;
    this.#lettingGo = null;
    this.#letGo = false;
    if (member) this.#host.lost();
  }

  #end(error: Error): false {
    this.#lose();
    this.#host.failed(error);
    return false;
  }

  #tell(reason: string): void {
    if (reason !== this.#told) this.#host.waits(reason);
    this.#told = reason;
  }
}
