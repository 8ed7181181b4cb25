import {
  clone,
  createFileRegistry,
  type DescFile,
  type DescMessage,
  getOption,
  type Message,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { opaque } from "#gen/anrf/api/v1/options_pb.ts";

// A field that carries the option `anrf.api.v1.opaque` is not decoded by the pipeline: a million ints would hold the
// event loop for seconds. It is read with a descriptor that lacks the field, so that its bytes stay in `$unknown`,
// where protobuf-es keeps what it does not know and from where it writes it back unchanged.

const LENGTH_DELIMITED = 2;
const derived = new WeakMap<DescMessage, DescMessage>();

/** The descriptor by which a message is read with its opaque fields left as bytes; the same one if it has none. */
export function opaqueSchema(desc: DescMessage): DescMessage {
  const known = derived.get(desc);
  if (known !== undefined) return known;
  const hidden = new Set(
    desc.fields.filter((field) => getOption(field, opaque)).map((field) => field.number),
  );
  const schema = hidden.size === 0 ? desc : without(desc, hidden);
  derived.set(desc, schema);
  return schema;
}

function without(desc: DescMessage, hidden: ReadonlySet<number>): DescMessage {
  const proto = clone(FileDescriptorProtoSchema, desc.file.proto);
  const message = proto.messageType.find((type) => type.name === desc.name);
  if (message === undefined)
    throw new Error(`${desc.typeName} is nested: opaque fields belong to top-level messages`);
  message.field = message.field.filter((field) => !hidden.has(field.number));
  const registry = createFileRegistry(proto, (name) => dependency(desc.file, name));
  const found = registry.getMessage(desc.typeName);
  if (found === undefined) throw new Error(`cannot derive a descriptor of ${desc.typeName}`);
  return found;
}

function dependency(file: DescFile, name: string): DescFile | undefined {
  const known = new Map<string, DescFile>();
  const pending = [...file.dependencies];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (known.has(next.proto.name)) continue;
    known.set(next.proto.name, next);
    pending.push(...next.dependencies);
  }
  return known.get(name);
}

/** The encoded values of an opaque field, one for each time that it occurs; empty if it is absent. */
export function opaqueBytes(message: Message, field: number): readonly Uint8Array[] {
  const found =
    message.$unknown?.filter((one) => one.no === field && one.wireType === LENGTH_DELIMITED) ?? [];
  return found.map((one) => one.data.subarray(prefixLength(one.data)));
}

/** Puts an encoded value into an opaque field of a message, which has to lack it otherwise. */
export function setOpaque(message: Message, field: number, bytes: Uint8Array): void {
  const data = new Uint8Array(5 + bytes.length);
  let at = 0;
  let rest = bytes.length;
  while (rest > 0x7f) {
    data[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  data[at++] = rest;
  data.set(bytes, at);
  message.$unknown ??= [];
  message.$unknown.push({ no: field, wireType: LENGTH_DELIMITED, data: data.subarray(0, at + bytes.length) });
}

// protobuf-es keeps the length in front of the value.
function prefixLength(data: Uint8Array): number {
  let at = 0;
  while (((data[at] ?? 0) & 0x80) !== 0) at++;
  return at + 1;
}
