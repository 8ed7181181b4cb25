import { stripTypeScriptTypes } from "node:module";
import { createContext, Script } from "node:vm";
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@lezer/javascript";
import type { PythonAnswer, PythonJob, PythonResult } from "./cpython.ts";
import type { PythonValue } from "./values.ts";

/** Loop rounds and calls of one run. */
const STEPS = 20_000;
/** Longest array that one call may make by its length alone. */
const LARGE = 200_000;
/** A backstop for what takes long inside a builtin; no test comes near it. */
const MILLISECONDS = 5_000;

/** Thrown by a probe: the run says nothing of the function. */
class Limit {}

/**
 * Runs a TypeScript function in this Node and answers as the Python driver does. The source gets probes that do not
 * change what it computes: a count of loop rounds and calls, and a watch for ints past 2^53, where doubles lose digits.
 */
export function runInNode({ source, function: name, calls }: PythonJob): PythonAnswer {
  const watch = { steps: 0, isInexact: false, isLost: false };
  const step = (): void => {
    if (++watch.steps > STEPS) throw new Limit();
  };
  const watched = (value: unknown): unknown => {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) watch.isInexact = true;
    if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) watch.isLost = true;
    if ((Array.isArray(value) || typeof value === "string") && value.length > LARGE) throw new Limit();
    return value;
  };
  const context = createContext({ __step: step, __watched: watched });
  try {
    new Script(
      `${probed(stripTypeScriptTypes(source).replace(/^export /gm, ""))}\nglobalThis.__entry = ${name};`,
    ).runInContext(context);
  } catch (error) {
    return { broken: String(error) };
  }
  const params = parameterTypes(source, name);
  const results = calls.map((args): PythonResult => {
    watch.steps = 0;
    watch.isInexact = false;
    watch.isLost = false;
    context["__args"] = args.map((arg, index) => decode(arg, params[index] ?? ""));
    const found = runOnce(context);
    const inexact = watch.isInexact || args.some(isWideInput);
    return { ...found, ...(inexact ? { inexact } : {}), ...(watch.isLost ? { lost: true } : {}) };
  });
  return { results };
}

const CALL = new Script("__entry(...__args)");

function runOnce(context: ReturnType<typeof createContext>): PythonResult {
  try {
    return { value: encode(CALL.runInContext(context, { timeout: MILLISECONDS })) };
  } catch (error) {
    const isLimit = error instanceof Limit || /call stack|timed out/.test(String(error));
    return isLimit ? { limit: true } : { raised: String(error) };
  }
}

/** The annotation of each parameter: whether a map is a Map or an object, and nothing null or undefined. */
function parameterTypes(source: string, name: string): readonly string[] {
  const list = new RegExp(`\\b${name}\\b(?: = )?\\(([^)]*)\\)`).exec(source)?.[1] ?? "";
  return list.split(/,(?![^<[]*[>\]])/).map((param) => param.slice(param.indexOf(":") + 1).trim());
}

function decode(value: PythonValue, hint: string): unknown {
  if (value === null) return hint.includes("undefined") ? undefined : null;
  if (typeof value !== "object") return value;
  const [kind, ...content] = value;
  if (kind === "int") return Number(content[0]);
  if (kind === "float") return Number(String(content[0]).replace("inf", "Infinity").replace("nan", "NaN"));
  if (kind === "dict") {
    const pairs = content.map((pair) => (pair as readonly PythonValue[]).map((one) => decode(one, "")));
    const entries = pairs.map(([key, one]) => [key, one] as const);
    return hint.startsWith("Record")
      ? Object.fromEntries(entries.map(([key, one]) => [String(key), one]))
      : new Map(entries);
  }
  const items = content.map((item) => decode(item, ""));
  return kind === "set" ? new Set(items) : items;
}

function isWideInput(value: PythonValue): boolean {
  if (value === null || typeof value !== "object") return false;
  const [kind, ...content] = value;
  if (kind === "int") return !Number.isSafeInteger(Number(content[0]));
  // The content of a dict is pairs without a kind.
  if (kind === "dict")
    return content.some((pair) => Array.isArray(pair) && pair.some((one) => isWideInput(one)));
  return kind !== "float" && content.some((one) => isWideInput(one));
}

/** Values come from another realm: their constructors are not ours. */
function encode(value: unknown): PythonValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return ["number", Object.is(value, -0) ? "-0" : String(value)];
  if (Array.isArray(value)) return ["list", ...value.map(encode)];
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object Set]") return ["set", ...[...(value as Set<unknown>)].map(encode)];
  const entries = tag === "[object Map]" ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return ["dict", ...entries.map(([key, one]) => [encode(key), encode(one)] as const)];
}

const WATCHED: ReadonlySet<string> = new Set(["BinaryExpression", "AssignmentExpression", "CallExpression"]);

/** `xs[i]` where it is read: neither written, nor called, nor part of a pattern. */
function isRead(node: SyntaxNode): boolean {
  if (node.name !== "MemberExpression" || node.firstChild?.nextSibling?.name !== "[") return false;
  const { parent } = node;
  if (parent === null || node.getChild("⚠") !== null) return false;
  if (["PostfixExpression", "UnaryExpression", "ArrayPattern", "ForOfSpec"].includes(parent.name))
    return false;
  const isFirst = parent.firstChild?.from === node.from && parent.firstChild.to === node.to;
  if (["AssignmentExpression", "CallExpression"].includes(parent.name) && isFirst) return false;
  // The targets of a swap are an array to the grammar, before an error at the sign.
  return parent.name !== "ArrayExpression" || parent.nextSibling?.type.isError !== true;
}

const LOOPS: ReadonlySet<string> = new Set(["ForStatement", "WhileStatement", "DoStatement"]);

/** JavaScript with the probes put in. */
function probed(source: string): string {
  const inserts: { readonly at: number; readonly text: string; readonly closes: boolean }[] = [];
  parser.parse(source).iterate({
    enter: ({ name, node, from, to }) => {
      if (WATCHED.has(name) || isRead(node)) {
        inserts.push({ at: from, text: "__watched(", closes: false }, { at: to, text: ")", closes: true });
      }
      if (LOOPS.has(name)) {
        const body = name === "DoStatement" ? node.firstChild?.nextSibling : node.lastChild;
        if (body === null || body === undefined) return;
        inserts.push(
          { at: body.from, text: "{__step();", closes: false },
          { at: body.to, text: "}", closes: true },
        );
      }
      if (name === "Block" && /Function|Method/.test(node.parent?.name ?? "")) {
        inserts.push({ at: from + 1, text: "__step();", closes: false });
      }
    },
  });
  // Nested nodes are met from outside in: at one place what closes comes first, the innermost before the outer.
  const order = inserts.map((one, index) => ({ ...one, index }));
  order.sort(
    (a, b) =>
      a.at - b.at ||
      Number(b.closes) - Number(a.closes) ||
      (a.closes ? b.index - a.index : a.index - b.index),
  );
  let text = "";
  let done = 0;
  for (const { at, text: added } of order) {
    text += source.slice(done, at) + added;
    done = at;
  }
  return text + source.slice(done);
}
