import type { FileDescriptorSet } from "@bufbuild/protobuf/wkt";

// The fields of FileDescriptorProto, DescriptorProto, … by number, as SourceCodeInfo's paths walk them.
const CHILDREN: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  file: { 4: "messageType", 5: "enumType", 6: "service" },
  messageType: { 2: "field", 3: "nestedType", 4: "enumType" },
  nestedType: { 2: "field", 3: "nestedType", 4: "enumType" },
  enumType: { 2: "value" },
  service: { 2: "method" },
};

/** Leading comments by full name: packages, messages, fields, enums, methods. */
export function commentsOf(set: FileDescriptorSet): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  for (const file of set.file) {
    for (const location of file.sourceCodeInfo?.location ?? []) {
      const text = location.leadingComments.trim().replace(/\n */g, "\n");
      const name = text === "" ? undefined : nameAt(file, location.path);
      if (name !== undefined) comments.set(`${file.package}.${name}`, text.replace(/\n?buf:lint:.*/g, ""));
    }
  }
  return comments;
}

function nameAt(file: object, path: readonly number[]): string | undefined {
  let kind = "file";
  let node = file as Record<string, unknown>;
  const names: string[] = [];
  for (let at = 0; at < path.length; at += 2) {
    const child = CHILDREN[kind]?.[path[at] ?? 0];
    const next =
      child === undefined
        ? undefined
        : (node[child] as Record<string, unknown>[] | undefined)?.[path[at + 1] ?? -1];
    if (child === undefined || next === undefined) return undefined;
    names.push(String(next["name"]));
    [kind, node] = [child, next];
  }
  return names.length === 0 ? undefined : names.join(".");
}
