/** Why a JSON text was refused, and at which character. */
export interface JsonFault {
  readonly kind: "SYNTAX" | "DUPLICATE_KEY" | "TOO_DEEP";
  readonly message: string;
}

/**
 * Finds what `JSON.parse` would let pass: equal keys in one object, and nesting beyond `maxDepth` arrays and
 * objects. It reads the text once, without recursion, and leaves all other syntax to `JSON.parse`.
 */
export function jsonFault(text: string, maxDepth: number): JsonFault | undefined {
  // One entry an open bracket: the keys of an object, or undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        open.push(new Set());
        break;
      case 0x5b: // [
        open.push(undefined);
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        break;
      case 0x22: {
        const end = stringEnd(text, at);
        if (end < 0) return undefined;
        const keys = open.at(-1);
        if (keys !== undefined && isKey(text, end)) {
          const key = text.slice(at, end);
          const plain = key.includes("\\") ? unescaped(key) : key.slice(1, -1);
          if (keys.has(plain))
            return {
              kind: "DUPLICATE_KEY",
              message: `key ${JSON.stringify(plain)} occurs twice in one object`,
            };
          keys.add(plain);
        }
        at = end - 1;
        break;
      }
      default:
        break;
    }
    if (open.length > maxDepth)
      return { kind: "TOO_DEEP", message: `the JSON nests more than ${maxDepth} levels` };
  }
  return undefined;
}

/** One past the closing quote, or −1. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at + 1;
  }
  return -1;
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (" \t\r\n".includes(text[at] ?? "x")) at++;
  return text[at] === ":";
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

/** The value of a JSON text, or its fault. Lone surrogates are refused: a string is a sequence of scalar values. */
export function readJson(
  text: string,
  maxDepth: number,
): { readonly value: unknown } | { readonly fault: JsonFault } {
  const fault = jsonFault(text, maxDepth);
  if (fault !== undefined) return { fault };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return {
      fault: {
        kind: "SYNTAX",
        message: `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      },
    };
  }
}
