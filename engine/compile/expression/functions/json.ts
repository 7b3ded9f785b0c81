import { machineOf, partTypes } from '../../machine-type.ts';
import type { ExpressionScope, Value } from '../contract.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { jsonModes } from '../host/json.ts';
import { type JsonStep, parseJsonPath } from '../host/json-value.ts';
import { required } from '../packed/source.ts';
import { ListWriter } from '../packed/write.ts';
import { bind } from '../value.ts';

const group = 'JSON';

function stepsOf(call: FunctionCall, path: unknown): readonly JsonStep[] {
  if (typeof path === 'bigint') return [{ index: Number(path) }];
  const steps = typeof path === 'string' ? parseJsonPath(path) : null;
  if (steps === null)
    throw call.refuse(`${call.name} with such a path`, "paths are constants without wildcards: 'key', '$.key[0]', '/key/0'");
  return steps;
}

/** What is asked of JSON text 0, once per distinct text. */
function ask(call: FunctionCall, mode: keyof typeof jsonModes, steps: readonly JsonStep[], scope: ExpressionScope = call.scope): Value {
  const numeric = mode === 'length' || mode === 'valid' || mode === 'exists';
  const path = scope.module.stringConstant(JSON.stringify(steps));
  const kernel = call.import('json', numeric ? 'jsonNumber' : 'jsonString');
  const asked = call.rememberedAnswer((id) => `${kernel}(${id}, ${path}, ${jsonModes[mode]})`, scope);
  const none = call.import('json', 'jsonNull');
  const valid = bind(scope, `${asked.valid} && ${asked.part} != ${none}`, 'bool', 'v');
  const machine = machineOf(call.type);
  const part = numeric ? `<${machine}>${asked.part}` : asked.part;
  const converted = machine === 'bool' ? `(${asked.part} != 0)` : part;
  return {
    type: call.type,
    machine,
    parts: [
      bind(
        scope,
        `${valid} ? ${converted} : ${machine === 'bool' ? 'false' : `<${partTypes(machine)[0]}>0`}`,
        machine === 'bool' ? 'bool' : (partTypes(machine)[0] as string),
      ),
    ],
    valid,
  };
}

const at =
  (mode: keyof typeof jsonModes) =>
  (call: FunctionCall): Value => {
    const path = call.args[1];
    if (path === undefined) return ask(call, mode, []);
    if (call.args.length > 2) throw call.refuse();
    if (path.type.kind === 'list') return ofPaths(call, mode);
    return ask(call, mode, stepsOf(call, call.constant(1)));
  };

/** Several paths: a list of what each gives. */
function ofPaths(call: FunctionCall, mode: keyof typeof jsonModes): Value {
  const paths = call.argument(1);
  const { type } = call;
  if (paths.kind !== 'call' || paths.name !== 'list_value' || type.kind !== 'list') throw call.refuse();
  const text = call.value(0);
  return required(call.scope, type, text.valid, (inner) => {
    const values = paths.args.map((path) => {
      const value = path.kind === 'constant' ? path.value : undefined;
      const found = ask(call, mode, stepsOf(call, value), inner);
      return { ...found, type: type.child, machine: 'string' as const };
    });
    const writer = new ListWriter(inner, type.child, String(values.length));
    values.forEach((value, k) => {
      writer.set(inner, String(k), value);
    });
    return [writer.finish(inner)];
  });
}

export const jsonFunctions: readonly FunctionEntry[] = [
  {
    names: ['json_extract', '->', 'json_extract_path'],
    group,
    signature: "j -> 'key', j -> '$.a[0]', j -> 0",
    summary: 'Part of a JSON text, as JSON; NULL when absent. Paths are constants without wildcards',
    compile: at('value'),
  },
  {
    names: ['json_extract_string', '->>', 'json_extract_path_text'],
    group,
    signature: "j ->> 'key'",
    summary: 'The same as text: a string without its quotes, NULL for null',
    compile: at('text'),
  },
  {
    names: ['json_type'],
    group,
    signature: "json_type(j, '$.a')",
    summary: 'OBJECT, ARRAY, VARCHAR, UBIGINT, BIGINT, DOUBLE, BOOLEAN or NULL',
    compile: at('type'),
  },
  { names: ['json_keys'], group, signature: 'json_keys(j)', summary: 'List of an object’s keys', compile: at('keys') },
  {
    names: ['json_array_length'],
    group,
    signature: "json_array_length(j, '$.a')",
    summary: 'Elements of an array, 0 of anything else',
    compile: at('length'),
  },
  {
    names: ['json_valid'],
    group,
    signature: 'json_valid(s)',
    summary: 'Whether a text is JSON',
    compile: (call) => ask(call, 'valid', []),
  },
  {
    names: ['json_exists'],
    group,
    signature: "json_exists(j, '$.a')",
    summary: 'Whether there is something at the path',
    compile: at('exists'),
  },
];
