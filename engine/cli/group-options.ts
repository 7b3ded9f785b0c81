import { type GroupProtocol, groupProtocols } from '../../connectors/kafka/group/membership.ts';
import { connectionOptions } from '../../connectors/kafka/options.ts';
import { type GroupSettings, sessionMsDefault } from '../run/group/group-settings.ts';
import { parseOptions } from '../sql/options.ts';
import { CommandError, exitCode } from './exit-code.ts';

/** Options of `millrace run` that are about a group. */
export interface GroupFlags {
  readonly group?: string;
  readonly brokers?: string;
  readonly kafka?: readonly string[];
  readonly snapshots?: string;
  readonly member?: string;
  readonly session?: number;
  readonly groupProtocol?: string;
  readonly lanes?: number;
  readonly untilEnd?: boolean;
  readonly forget?: readonly string[];
}

const nameForm = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$/;
const brokersVariable = 'MILLRACE_BROKERS';

/** Null: the process runs by itself. Throws CommandError when the options do not go together. */
export function groupSettings(flags: GroupFlags): GroupSettings | null {
  const { group: name, snapshots } = flags;
  if (name === undefined) {
    const alone = (['brokers', 'kafka', 'snapshots', 'member', 'session', 'groupProtocol'] as const).find(
      (flag) => flags[flag] !== undefined,
    );
    if (alone !== undefined)
      throw new CommandError(
        `--${alone === 'groupProtocol' ? 'group-protocol' : alone} is for processes of a group`,
        exitCode.usage,
        'name the group: --group NAME',
      );
    return null;
  }
  checkGroupName(name);
  if (flags.member !== undefined && !nameForm.test(flags.member))
    throw usage(`"${flags.member}" is no name of a member`, 'write letters, digits, - and _');
  if (snapshots === undefined)
    throw usage('--group needs --snapshots', 'name a folder that all processes of the group share, or s3://bucket/prefix');
  if (flags.untilEnd) throw usage('--until-end is for a process of its own: a group goes on', 'use --for');
  if (flags.forget !== undefined) throw usage('--forget is for a process of its own', 'a group that begins anew has another name');
  return {
    name,
    connection: connectionValues(flags),
    directory: process.cwd(),
    lanes: flags.lanes ?? null,
    snapshots,
    member: flags.member ?? null,
    protocol: protocolOf(flags),
    sessionMs: flags.session ?? sessionMsDefault,
  };
}

/** Throws CommandError. */
export function checkGroupName(name: string): void {
  if (!nameForm.test(name)) throw usage(`"${name}" is no name of a group`, 'write letters, digits, - and _');
}

function protocolOf({ groupProtocol = 'classic', session }: GroupFlags): GroupProtocol {
  const protocol = groupProtocols.find((each) => each === groupProtocol);
  if (protocol === undefined) throw usage(`"${groupProtocol}" is no protocol of a group`, `write ${groupProtocols.join(' or ')}`);
  if (protocol === 'consumer' && session !== undefined)
    throw usage(
      '--session is for --group-protocol classic: with consumer the broker decides',
      'set group.consumer.session.timeout.ms of the brokers, or consumer.session.timeout.ms of the group (kafka-configs.sh --entity-type groups)',
    );
  return protocol;
}

function connectionValues({ brokers = process.env[brokersVariable], kafka = [] }: GroupFlags): GroupSettings['connection'] {
  if (brokers === undefined) throw usage('--group needs --brokers', `or the environment variable ${brokersVariable}: host:port, host:port`);
  const span = { file: '', start: 0, end: 0 };
  const written = [`brokers=${brokers}`, ...kafka].map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw usage(`--kafka ${text} is no option`, 'write name=value, as in --kafka tls=true');
    return { name: text.slice(0, at), value: text.slice(at + 1), nameSpan: span, valueSpan: span };
  });
  return parseOptions(connectionOptions, written, {
    span,
    owner: '--kafka',
    columns: [],
    report: (fault) => {
      throw usage(fault.message, fault.hint);
    },
  });
}

function usage(message: string, hint?: string): CommandError {
  return new CommandError(message, exitCode.usage, hint);
}
