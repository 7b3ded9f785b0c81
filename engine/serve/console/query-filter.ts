import type { QueryEntry, QueryState } from '../../status/api-types.ts';

export interface FilterFacts {
  readonly entry: QueryEntry;
  readonly state: QueryState;
  readonly values: Readonly<Record<'in' | 'out' | 'late' | 'cpu' | 'state' | 'behind', number | null>>;
}

type Test = (facts: FilterFacts) => boolean;

/** `state:behind folder:http source:spans cpu>5 behind>10 error`: words are looked for in the name; all must hold. */
export function parseFilter(text: string): Test {
  const tests = text.trim().toLowerCase().split(/\s+/).filter(Boolean).map(testOf);
  return (facts) => tests.every((test) => test(facts));
}

function testOf(word: string): Test {
  const named = /^(state|folder|source|file):(.*)$/.exec(word);
  if (named !== null) return namedTest(named[1] as string, named[2] as string);
  const compared = /^(in|out|late|cpu|state|behind)([<>])(\d+(?:\.\d+)?)%?$/.exec(word);
  if (compared !== null) {
    const [, name, operator, limit] = compared as unknown as [string, keyof FilterFacts['values'], string, string];
    return ({ values }) => {
      const value = values[name];
      return value !== null && (operator === '>' ? value > Number(limit) : value < Number(limit));
    };
  }
  return ({ entry }) => entry.id.toLowerCase().includes(word);
}

function namedTest(name: string, wanted: string): Test {
  switch (name) {
    case 'state':
      return ({ state, entry }) => state.startsWith(wanted) || (wanted === 'attention' && entry.sev !== null);
    case 'folder':
      return ({ entry }) => folderOf(entry.id).toLowerCase() === wanted;
    case 'source':
      return ({ entry }) => entry.reads.some((read) => read.toLowerCase() === wanted);
    default:
      return ({ entry }) => entry.file.toLowerCase().includes(wanted);
  }
}

export function folderOf(id: string): string {
  return id.includes('/') ? (id.split('/')[0] as string) : '.';
}

/** Puts `name:value` in place of what the text said of `name`; null takes it out. */
export function withFacet(text: string, name: string, value: string | null): string {
  const others = text.split(/\s+/).filter((word) => word !== '' && !word.startsWith(`${name}:`));
  return [...others, ...(value === null ? [] : [`${name}:${value}`])].join(' ');
}
