import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';

/** A message as reading needs it. Messages may hold themselves. */
export interface ProtoMessage {
  readonly name: string;
  readonly fields: Map<number, ProtoField>;
}

export type ProtoScalar =
  | 'double'
  | 'float'
  | 'int32'
  | 'uint32'
  | 'sint32'
  | 'fixed32'
  | 'sfixed32'
  | 'int64'
  | 'uint64'
  | 'sint64'
  | 'fixed64'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes';

export type ProtoType =
  | { readonly kind: 'scalar'; readonly scalar: ProtoScalar }
  | { readonly kind: 'enum'; readonly names: ReadonlyMap<number, string> }
  | { readonly kind: 'message'; readonly message: ProtoMessage };

export interface ProtoField {
  readonly name: string;
  readonly type: ProtoType;
  readonly repeated: boolean;
  /** Of a map field: the type of its keys. */
  readonly key: ProtoScalar | null;
  /** Absent is not the same as its type's zero. */
  readonly presence: boolean;
  /** proto2's default. */
  readonly initial: unknown;
}

/** The messages of one file: those at its top, in order, each with those inside it. */
export interface ProtoFile {
  message(path: readonly number[]): ProtoMessage;
  /** By full or last name; null: the first one. */
  named(name: string | null): ProtoMessage;
}

const scalars: ReadonlySet<string> = new Set<ProtoScalar>([
  ...(['double', 'float', 'int32', 'uint32', 'sint32', 'fixed32', 'sfixed32', 'int64'] as const),
  ...(['uint64', 'sint64', 'fixed64', 'sfixed64', 'bool', 'string', 'bytes'] as const),
]);

/** Throws an Error that says what is wrong. `imports`: text of the files that it may import, by name. */
export function parseProto(text: string, imports: ReadonlyMap<string, string>): ProtoFile {
  const root = new protobuf.Root();
  const open = new Set<string>();
  const bring = (name: string): void => {
    if (open.has(name)) return;
    open.add(name);
    const known = imports.get(name);
    const common = known === undefined ? protobuf.common.get(name) : null;
    if (known !== undefined) for (const inner of importsOf(protobuf.parse(known, root, { keepCase: true }))) bring(inner);
    else if (common?.nested !== undefined) root.addJSON(common.nested);
    else throw new Error(`it imports ${name}, which is not there`);
  };
  for (const name of importsOf(protobuf.parse(text, { keepCase: true }))) bring(name);
  const before = new Set(typesBelow(root));
  protobuf.parse(text, root, { keepCase: true });
  root.resolveAll();
  const top = typesBelow(root).filter((type) => !before.has(type));
  if (top.length === 0) throw new Error('it has no message');
  return new ParsedFile(top);
}

/** Of a file on disk, with what it imports from beside it. */
export function readProto(path: string): ProtoFile {
  const imports = new Map<string, string>();
  const follow = (text: string): void => {
    for (const name of importsOf(protobuf.parse(text, { keepCase: true }))) {
      if (imports.has(name) || protobuf.common.get(name) !== null) continue;
      const inner = readFileSync(join(dirname(path), name), 'utf8');
      imports.set(name, inner);
      follow(inner);
    }
  };
  const text = readFileSync(path, 'utf8');
  follow(text);
  return parseProto(text, imports);
}

function importsOf({ imports, weakImports }: protobuf.IParserResult): readonly string[] {
  return [...(imports ?? []), ...(weakImports ?? [])];
}

/** Messages not inside other messages. */
function typesBelow(space: protobuf.NamespaceBase): protobuf.Type[] {
  return space.nestedArray.flatMap((each) => {
    if (each instanceof protobuf.Type) return [each];
    return each instanceof protobuf.Namespace ? typesBelow(each) : [];
  });
}

class ParsedFile implements ProtoFile {
  readonly #top: readonly protobuf.Type[];
  readonly #messages = new Map<protobuf.Type, ProtoMessage>();

  constructor(top: readonly protobuf.Type[]) {
    this.#top = top;
  }

  message(path: readonly number[]): ProtoMessage {
    let types: readonly protobuf.Type[] = this.#top;
    let found: protobuf.Type | undefined;
    for (const index of path) {
      found = types[index];
      if (found === undefined) throw new Error(`it has no message of number ${path.join('.')}`);
      types = found.nestedArray.filter((each) => each instanceof protobuf.Type);
    }
    return this.#message(found ?? (this.#top[0] as protobuf.Type));
  }

  named(name: string | null): ProtoMessage {
    if (name === null) return this.message([0]);
    const all = [...this.#top];
    for (const type of all) all.push(...type.nestedArray.filter((each) => each instanceof protobuf.Type));
    const found = all.find((type) => type.fullName === `.${name}`) ?? all.find((type) => type.name === name);
    if (found === undefined) throw new Error(`it has no message ${name}; it has ${all.map((type) => type.fullName.slice(1)).join(', ')}`);
    return this.#message(found);
  }

  #message(type: protobuf.Type): ProtoMessage {
    const known = this.#messages.get(type);
    if (known !== undefined) return known;
    const message: ProtoMessage = { name: type.fullName.slice(1), fields: new Map() };
    this.#messages.set(type, message);
    for (const field of type.fieldsArray) message.fields.set(field.id, this.#field(field.resolve()));
    return message;
  }

  #field(field: protobuf.Field): ProtoField {
    const type = this.#type(field);
    const key = field instanceof protobuf.MapField ? (field.keyType as ProtoScalar) : null;
    const presence = type.kind === 'message' || Boolean(field.hasPresence);
    return { name: field.name, type, repeated: field.repeated, key, presence, initial: field.options?.default };
  }

  #type({ type, resolvedType, name }: protobuf.Field): ProtoType {
    if (resolvedType instanceof protobuf.Type) return { kind: 'message', message: this.#message(resolvedType) };
    if (resolvedType instanceof protobuf.Enum) {
      return { kind: 'enum', names: new Map(Object.entries(resolvedType.values).map(([label, value]) => [value, label])) };
    }
    if (!scalars.has(type)) throw new Error(`field ${name} is of type ${type}, which is not there`);
    return { kind: 'scalar', scalar: type as ProtoScalar };
  }
}
