import { createHash } from 'node:crypto';
import type { Connector } from '../../connectors/connector.ts';
import type { QueryDefinition, SourceDefinition } from '../plan/catalog.ts';
import { nodeLabel } from '../plan/node-label.ts';
import type { PlanNode } from '../plan/plan.ts';
import { nodesOf } from '../plan/walk-plan.ts';
import { withoutSpans } from '../plan/without-spans.ts';
import type { SourceIdentity, StoredOperator } from '../store/store.ts';
import { planFingerprint } from './plan-fingerprint.ts';

/** Bytes of a hash that are kept. */
const hashDigits = 16;
const inputKeys: ReadonlySet<string> = new Set(['input', 'left', 'right', 'inputs', 'id']);

/** By id: what state of a query fits. */
export function fingerprintsOf(queries: readonly QueryDefinition[]): Map<string, number> {
  const fingerprints = new Map<string, number>();
  for (const definition of queries) {
    const upstream = queries.filter((query) => definition.reads.includes(query.name));
    fingerprints.set(
      definition.id,
      planFingerprint(
        definition,
        upstream.map((query) => fingerprints.get(query.id) ?? 0),
      ),
    );
  }
  return fingerprints;
}

/** The operators of a plan, inputs first, each by what it does alone. */
export function operatorsOf(plan: PlanNode): StoredOperator[] {
  return [...nodesOf(withoutSpans(plan))].map((node) => {
    const own = Object.entries(node).filter(([key, value]) => !(inputKeys.has(key) && typeof value === 'object') && key !== 'id');
    const text = JSON.stringify(own, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    const { label, details } = nodeLabel(node);
    return {
      hash: createHash('sha256').update(text).digest('hex').slice(0, hashDigits),
      text: details === '' ? label : `${label} ${details}`,
    };
  });
}

/** What a source must be for positions that were stored to fit. */
export function identityOf(source: SourceDefinition, connector: Connector): SourceIdentity {
  const options = Object.entries(connector.options ?? {})
    .filter(([name, { identity }]) => identity === true && source.options[name] !== undefined)
    .map(([name]) => `${name} = ${String(source.options[name])}`);
  return { source: source.name, identity: [`connector = ${source.connector}`, ...options.sort()] };
}

/** What was and is no more, and what is new, in words; null when they are the same. */
export function identityChange(before: SourceIdentity, now: SourceIdentity): string | null {
  const gone = before.identity.filter((each) => !now.identity.includes(each));
  const come = now.identity.filter((each) => !before.identity.includes(each));
  if (gone.length + come.length === 0) return null;
  return `it had ${gone.join(', ') || 'nothing'} and has ${come.join(', ') || 'nothing'} now`
    .replace('had nothing and has', 'has')
    .replace(' and has nothing now', '');
}

/** Which operators make the difference, in words: the first that rows come to, for those above it change with what it puts out. */
export function operatorChange(before: readonly StoredOperator[], now: readonly StoredOperator[]): string {
  const gone = without(before, now);
  const come = without(now, before);
  const [was, is] = [gone[0]?.text, come[0]?.text];
  if (was === undefined && is === undefined) return 'a query that it reads has changed';
  if (gone.length === come.length) return `${is} was ${was}${others(come.length)}`;
  const parts = [is === undefined ? [] : `new: ${is}${others(come.length)}`, was === undefined ? [] : `gone: ${was}${others(gone.length)}`];
  return parts.flat().join('; ');
}

function others(count: number): string {
  return count > 1 ? ` and ${count - 1} more` : '';
}

function without(all: readonly StoredOperator[], some: readonly StoredOperator[]): StoredOperator[] {
  const left = some.map(({ hash }) => hash);
  return all.filter(({ hash }) => {
    const index = left.indexOf(hash);
    if (index < 0) return true;
    left.splice(index, 1);
    return false;
  });
}
