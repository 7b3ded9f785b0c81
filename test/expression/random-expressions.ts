type Kind = 'boolean' | 'integer' | 'double' | 'text' | 'timestamp';

const leaves: Readonly<Record<Kind, readonly string[]>> = {
  boolean: ['bo', 'true', 'NULL::BOOLEAN'],
  integer: ['i32', 'j32', 'i16::INTEGER', 'i8::INTEGER', '7', 'NULL::INTEGER', 'u16::INTEGER'],
  double: ['d', 'e', 'f::DOUBLE', '0.5::DOUBLE', "'nan'::DOUBLE", 'i32::DOUBLE'],
  text: ['s', 'z', 'n', "'abc'::VARCHAR", "''::VARCHAR", "NULLIF(z, 'a')", "m['k']"],
  timestamp: ['ts', 't2', "timestamp '2024-02-29 12:00:00'"],
};

/** `#` stands for the operands, of the kinds that follow. */
const shapes: Readonly<Record<Kind, readonly (readonly [string, ...Kind[]])[]>> = {
  boolean: [
    ['(# AND #)', 'boolean', 'boolean'],
    ['(# OR #)', 'boolean', 'boolean'],
    ['(NOT #)', 'boolean'],
    ['(# < #)', 'integer', 'integer'],
    ['(# >= #)', 'double', 'double'],
    ['(# = #)', 'text', 'text'],
    ['(# <= #)', 'text', 'text'],
    ['(# > #)', 'timestamp', 'timestamp'],
    ['(# IS NULL)', 'text'],
    ['(# IS DISTINCT FROM #)', 'double', 'double'],
    ['(# IN (#, #))', 'integer', 'integer', 'integer'],
    ["(# LIKE '%a%')", 'text'],
    ['contains(#, #)', 'text', 'text'],
  ],
  integer: [
    ['(CASE WHEN # THEN # ELSE # END)', 'boolean', 'integer', 'integer'],
    ['COALESCE(#, #)', 'integer', 'integer'],
    ['(# // 7) % 1000', 'integer'],
    ['length(#)::INTEGER', 'text'],
    ['greatest(#, #)', 'integer', 'integer'],
    ['hour(#)::INTEGER', 'timestamp'],
    ['TRY_CAST(# AS INTEGER)', 'text'],
    ['TRY_CAST(# AS INTEGER)', 'double'],
  ],
  double: [
    ['(# + #)', 'double', 'double'],
    ['(# * #)', 'double', 'double'],
    ['(CASE WHEN # THEN # END)', 'boolean', 'double'],
    ['least(#, #)', 'double', 'double'],
    ['(# / #)', 'integer', 'integer'],
    ['TRY_CAST(# AS DOUBLE)', 'text'],
    ['epoch(#)', 'timestamp'],
  ],
  text: [
    ['(# || #)', 'text', 'text'],
    ['upper(#)', 'text'],
    ['substring(#, 2, 3)', 'text'],
    ['(CASE WHEN # THEN # ELSE # END)', 'boolean', 'text', 'text'],
    ['COALESCE(#, #)', 'text', 'text'],
    ['#::VARCHAR', 'integer'],
    ["replace(#, 'a', 'bb')", 'text'],
    ['concat(#, #)', 'text', 'integer'],
  ],
  timestamp: [
    ["date_trunc('hour', #)", 'timestamp'],
    ['COALESCE(#, #)', 'timestamp', 'timestamp'],
    ['(CASE WHEN # THEN # END)', 'boolean', 'timestamp'],
    ['least(#, #)', 'timestamp', 'timestamp'],
  ],
};

const kinds = Object.keys(leaves) as Kind[];
const depthMax = 4;

/** Expressions that no row makes fail. Doubles are not printed: the sign of a computed NaN is the processor's, and DuckDB shows it. */
export function randomExpressions(seed: number, count: number): string[] {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const make = (kind: Kind, depth: number): string => {
    if (depth === 0 || below(5) === 0) return pick(leaves[kind]);
    const [shape, ...operands] = pick(shapes[kind]);
    let next = 0;
    return `(${shape.replace(/#/g, () => make(operands[next++] as Kind, depth - 1))})`;
  };
  return Array.from({ length: count }, () => make(pick(kinds), depthMax));
}
