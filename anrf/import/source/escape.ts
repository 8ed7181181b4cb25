import { childrenOf } from "./live.ts";
import type { Source } from "./source.ts";

/** Builtins that read their arguments and keep none of them. */
const READERS: ReadonlySet<string> = new Set(
  "len sum min max sorted any all abs range str repr list tuple set frozenset dict int float bool enumerate zip reversed isinstance round".split(
    " ",
  ),
);

/** Names whose very objects an expression may pass on: put into something, return, or give to a function. */
export function escaping(source: Source): Set<string> {
  const found = new Set<string>();
  walk(source, found);
  return found;
}

function walk(source: Source, found: Set<string>): void {
  const read = (one: Source | undefined): void => {
    if (one !== undefined && one.kind !== "name") walk(one, found);
  };
  switch (source.kind) {
    case "name":
      found.add(source.name);
      return;
    case "index":
      read(source.target);
      walk(source.index, found);
      return;
    case "slice":
      for (const one of [source.target, source.from, source.to, source.step]) read(one);
      return;
    case "attr":
      read(source.target);
      return;
    case "unary":
      read(source.operand);
      return;
    case "binary":
      read(source.left);
      read(source.right);
      return;
    case "compare":
      read(source.first);
      for (const one of source.rest) read(one.right);
      return;
    case "format":
      for (const one of childrenOf(source)) read(one);
      return;
    case "call": {
      const { callee } = source;
      const isReader = callee.kind === "name" && READERS.has(callee.name);
      if (callee.kind !== "name") walk(callee, found);
      for (const one of [...source.args, ...source.named.map((given) => given.value)]) {
        if (isReader) read(one);
        else walk(one, found);
      }
      return;
    }
    default:
      for (const one of childrenOf(source)) walk(one, found);
  }
}

const MAKERS: ReadonlySet<string> = new Set(
  "list dict set sorted deque Counter defaultdict OrderedDict frozenset".split(" "),
);

/** Whether the expression makes a new object that no one else has. */
export function isFresh(source: Source): boolean {
  switch (source.kind) {
    case "list":
    case "dict":
    case "set":
    case "comp":
    case "slice":
      return true;
    case "binary":
      return true;
    case "call": {
      const name =
        source.callee.kind === "name"
          ? source.callee.name
          : source.callee.kind === "attr"
            ? source.callee.name
            : "";
      return MAKERS.has(name) || name === "copy";
    }
    default:
      return false;
  }
}
