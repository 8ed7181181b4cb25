import type { Program } from "#anrf/program/program.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { parsePattern } from "#anrf/std/regex/parse.ts";
import type { Assertion, CharSet, Pattern } from "#anrf/std/regex/syntax.ts";

/** How a language writes the parts of a regular expression. */
export interface RegexDialect {
  /** One code point inside brackets. */
  readonly point: (code: number) => string;
  readonly assertion: Readonly<Record<Assertion, string>>;
  /** A set without members, and one of all code points. */
  readonly nothing: string;
  readonly anything: string;
}

/**
 * The pattern of RE2 in the syntax of a backtracking language: every set spelled out as ranges, flags resolved. Both
 * prefer alternatives in their order, so they find the same match. Throws a PatternProblem for what is no pattern.
 */
export function regexSource(pattern: string, dialect: RegexDialect): string {
  const edges = edgesOf(pattern);
  const go = (part: Pattern): string => {
    switch (part.kind) {
      case "set":
        return setSource(part.set, edges, dialect);
      case "assertion":
        return dialect.assertion[part.assertion];
      case "sequence":
        return part.parts.map((one) => (one.kind === "choice" ? `(?:${go(one)})` : go(one))).join("");
      case "choice":
        return part.parts.map(go).join("|");
      case "group":
        return `(${go(part.body)})`;
      case "repeat": {
        const { min, max, isGreedy } = part;
        const count = max === Number.POSITIVE_INFINITY ? `{${min},}` : `{${min},${max}}`;
        const short = count === "{0,}" ? "*" : count === "{1,}" ? "+" : count === "{0,1}" ? "?" : count;
        return `(?:${go(part.body)})${short}${isGreedy ? "" : "?"}`;
      }
      default:
        throw new Error(`unreachable: ${part satisfies never}`);
    }
  };
  return go(parsePattern(pattern).pattern);
}

/**
 * True where a group or a repetition without end stands inside a repetition: what such a group holds after several
 * rounds differs between languages, and a matcher that goes back may take for ever where RE2 does not.
 */
export function dependsOnHost(pattern: string): boolean {
  const holds = (part: Pattern, isRepeated: boolean): boolean => {
    switch (part.kind) {
      case "set":
      case "assertion":
        return false;
      case "sequence":
      case "choice":
        return part.parts.some((one) => holds(one, isRepeated));
      case "group":
        return isRepeated || holds(part.body, isRepeated);
      case "repeat":
        return (isRepeated && part.max > 1) || holds(part.body, isRepeated || part.max > 1);
      default:
        throw new Error(`unreachable: ${part satisfies never}`);
    }
  };
  return holds(parsePattern(pattern).pattern, false);
}

/** True where a program has such a pattern. */
export function hasHostPatterns({ functions }: Program): boolean {
  return functions.some(({ nodes }) =>
    nodes.some(({ kind }) => {
      if (kind.case !== "builtinCall" || builtinByNumber(kind.value.builtin)?.family !== "regex")
        return false;
      const pattern = nodes[kind.value.args[1] ?? 0]?.kind;
      return (
        pattern?.case === "literal" &&
        pattern.value.value.case === "string" &&
        dependsOnHost(pattern.value.value.value)
      );
    }),
  );
}

function setSource(
  set: CharSet,
  edges: readonly number[],
  { point, nothing, anything }: RegexDialect,
): string {
  const ranges: [number, number][] = [];
  edges.forEach((low, index) => {
    if (!set(low)) return;
    const high = (edges[index + 1] ?? 0x110000) - 1;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === low - 1) last[1] = high;
    else ranges.push([low, high]);
  });
  if (ranges.length === 0) return nothing;
  if (ranges.length === 1 && ranges[0]?.[0] === 0 && ranges[0][1] === 0x10ffff) return anything;
  const parts = ranges.map(([low, high]) => (low === high ? point(low) : `${point(low)}-${point(high)}`));
  return ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1] ? (parts[0] ?? "") : `[${parts.join("")}]`;
}

/**
 * Code points at which a set of this pattern can begin or end: those that its text names, the edges of ASCII, of other
 * cases where case is ignored, and of the Unicode properties that it names. Between two of them no set changes.
 */
function edgesOf(pattern: string): readonly number[] {
  const edges = new Set<number>([0]);
  const add = (low: number, high: number): void => {
    edges.add(low).add(high + 1);
  };
  for (let code = 0; code <= 0x80; code++) edges.add(code);
  for (const char of pattern) add(char.codePointAt(0) ?? 0, char.codePointAt(0) ?? 0);
  for (const [, hex = "", braced = ""] of pattern.matchAll(/\\x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/g)) {
    const code = Number.parseInt(hex || braced, 16);
    if (code <= 0x10ffff) add(code, code);
  }
  for (const [, octal = ""] of pattern.matchAll(/\\([0-7]{1,3})/g))
    add(Number.parseInt(octal, 8), Number.parseInt(octal, 8));
  if (/\(\?[imsU]*i/.test(pattern)) for (const code of casedPoints()) add(code, code);
  for (const [, one = "", long = ""] of pattern.matchAll(/\\[pP](?:([A-Za-z])|\{\^?([A-Za-z_]+)\})/g))
    for (const [low, high] of propertyRuns(one || long)) add(low, high);
  edges.delete(0x110000);
  return [...edges].sort((a, b) => a - b);
}

let cased: readonly number[] | undefined;

/** Every code point that has another case. */
function casedPoints(): readonly number[] {
  cased ??= Array.from({ length: 0x1ffff }, (_, code) => code).filter((code) => {
    if (code >= 0xd800 && code <= 0xdfff) return false;
    const char = String.fromCodePoint(code);
    return char.toLowerCase() !== char || char.toUpperCase() !== char;
  });
  return cased;
}

/** The runs of a general category or script. */
function propertyRuns(name: string): (readonly [number, number])[] {
  for (const property of [`General_Category=${name}`, `Script=${name}`]) {
    let test: RegExp;
    try {
      test = new RegExp(`^\\p{${property}}$`, "u");
    } catch {
      continue; // Not a name of this property: the next is tried.
    }
    const runs: [number, number][] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      if (!test.test(String.fromCodePoint(code))) continue;
      const last = runs.at(-1);
      if (last !== undefined && last[1] === code - 1) last[1] = code;
      else runs.push([code, code]);
    }
    return runs;
  }
  return [];
}
