import { quoted } from "#anrf/program/show.ts";
import type { Type } from "#anrf/program/type.ts";
import { literalValue } from "#anrf/program/value-proto.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import type { BuiltinCall, MatchArm, Node } from "#gen/anrf/v1/ir_pb.ts";
import { listed } from "./english.ts";
import { INFIX, negated, PHRASES, ROUNDING_WORDS } from "./phrases.ts";
import { plainScalar } from "./plain-value.ts";
import { nameOf, nodeOf, type Phrase, type Telling, typeOf } from "./telling.ts";

/** Words for a node and all below it, on one line. */
export function phrase(telling: Telling, id: number): Phrase {
  const known = telling.told.get(id);
  if (known !== undefined) return known;
  const made = makePhrase(telling, id);
  telling.told.set(id, made);
  return made;
}

function makePhrase(telling: Telling, id: number): Phrase {
  const node = nodeOf(telling, id);
  const kind = node.kind;
  const words = (part: number): string => phrase(telling, part).text;
  switch (kind.case) {
    case "literal":
      return atom(plainScalar(literalValue(kind.value), typeOf(telling, node)));
    case "localRef":
      return atom(
        kind.value.local === telling.fn.def.resultLocal ? "the result" : nameOf(telling, kind.value.local),
      );
    case "letIn": {
      const { local, value, body } = kind.value;
      return loose(`${words(body)}, where ${nameOf(telling, local)} is ${bracketedWords(telling, value)}`);
    }
    case "branch": {
      const { condition, whenTrue, whenFalse } = kind.value;
      const [yes, no] = [bracketedWords(telling, whenTrue), bracketedWords(telling, whenFalse)];
      return loose(`${yes} if ${words(condition)}, otherwise ${no}`);
    }
    case "matchOn": {
      const arms = kind.value.arms.map(
        (arm) => `${armWords(telling, arm, kind.value.subject)} gives ${valuePhrase(telling, arm.body)}`,
      );
      return atom(`(depending on ${words(kind.value.subject)}: ${arms.join("; ")})`);
    }
    case "lambdaExpr":
      return {
        text: `the function from ${paramWords(telling, kind.value.params)} to ${words(kind.value.body)}`,
        form: "open",
      };
    case "builtinCall":
      return builtinPhrase(telling, kind.value);
    case "valueCall":
      return called(words(kind.value.callee), kind.value.args.map(words));
    case "functionCall":
      return called(
        telling.program.functions[kind.value.function]?.def.name ?? "",
        kind.value.args.map(words),
      );
    case "extensionCall":
      return called(
        telling.program.module.extensions[kind.value.extension]?.name ?? "",
        kind.value.args.map(words),
      );
    case "makeList":
    case "makeTuple":
    case "makeMap":
    case "makeRecord":
    case "makeVariant":
    case "makeOption":
      return dataPhrase(telling, node);
    case "getField":
      return fieldPhrase(telling, kind.value.target, kind.value.field);
    case "loopWhile": {
      const { state, init, condition, step } = kind.value;
      const name = nameOf(telling, state);
      return atom(
        `(the last ${name} when it starts as ${words(init)} and, while ${words(condition)}, becomes ${words(step)})`,
      );
    }
    case "failWith":
      return atom(`the failure ${quoted(kind.value.message)}`);
    case "hole":
      return atom(`(still to be written: ${quoted(kind.value.goal)})`);
    case undefined:
      throw new Error(`node ${id} has no kind`);
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

/** Words for data that is made of its parts. */
function dataPhrase(telling: Telling, node: Node): Phrase {
  const kind = node.kind;
  const words = (part: number): string => phrase(telling, part).text;
  const value = (part: number): string => valuePhrase(telling, part);
  switch (kind.case) {
    case "makeList":
      return atom(
        kind.value.items.length === 0 ? "the empty list" : `[${kind.value.items.map(value).join(", ")}]`,
      );
    case "makeTuple":
      return atom(`(${kind.value.items.map(value).join(", ")})`);
    case "makeMap":
      return atom(mapWords(kind.value.items.map(words)));
    case "makeRecord": {
      const type = typeOf(telling, node);
      const fields = type.kind === "record" ? (telling.program.nominals.records.get(type.name) ?? []) : [];
      const given = kind.value.items.map((item, index) => `${fields[index]?.name ?? index} ${value(item)}`);
      return given.length === 0 ? atom(type.text) : atom(`(${type.text} with ${listed(given)})`);
    }
    case "makeVariant":
      return variantPhrase(
        caseName(telling, typeOf(telling, node), kind.value.caseIndex),
        kind.value.args.map(words),
      );
    case "makeOption":
      return kind.value.some === undefined ? atom("nothing") : phrase(telling, kind.value.some);
    default:
      throw new Error(`a node of kind ${kind.case} makes no data`);
  }
}

/** Words for a value: of a question, whether it is so. */
export function valuePhrase(telling: Telling, id: number): string {
  return asValue(telling, id, phrase(telling, id)).text;
}

function asValue(telling: Telling, id: number, told: Phrase): Phrase {
  const { kind } = nodeOf(telling, id);
  const builtin = kind.case === "builtinCall" ? builtinByNumber(kind.value.builtin) : undefined;
  const isQuestion =
    builtin !== undefined && (QUESTIONS.has(builtin.text) || PHRASES[builtin.id]?.startsWith("?") === true);
  return isQuestion
    ? { text: `whether ${told.text}`, form: told.form === "test" ? "open" : told.form }
    : told;
}

/** Operators that answer yes or no and have no phrase of their own. */
const QUESTIONS: ReadonlySet<string> = new Set(["and", "or", "not"]);

/** What an arm of a match accepts, in words. */
export function armWords(telling: Telling, arm: MatchArm, subject: number): string {
  const type = typeOf(telling, nodeOf(telling, subject));
  const names = arm.binders.map((binder) => nameOf(telling, binder));
  const kind = arm.pattern?.kind;
  switch (kind?.case) {
    case "variantCase": {
      const name = caseName(telling, type, kind.value);
      return names.length === 0 ? name : `${name} with ${listed(names)}`;
    }
    case "optionSome":
      if (!kind.value) return "nothing";
      return names.length === 0 || names[0] === "something"
        ? "a value"
        : `a value, called ${names.join(", ")}`;
    case "literal":
      return plainScalar(literalValue(kind.value), type);
    case "wildcard":
    case undefined:
      return "anything else";
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

const atom = (text: string): Phrase => ({ text, form: "atom" });
const loose = (text: string): Phrase => ({ text, form: "loose" });

function called(name: string, args: readonly string[]): Phrase {
  if (args.length === 0) return atom(name);
  const [only = ""] = args;
  const isShort = args.length === 1 && /^[\p{XIDC}]+$/u.test(only);
  return { text: isShort ? `${name} of ${only}` : `${name} of (${args.join(", ")})`, form: "noun" };
}

function variantPhrase(name: string, args: readonly string[]): Phrase {
  return atom(args.length === 0 ? name : `(${name} with ${listed(args)})`);
}

function mapWords(items: readonly string[]): string {
  const entries = items.flatMap((key, index) =>
    index % 2 === 0 ? [`${key}: ${items[index + 1] ?? ""}`] : [],
  );
  return entries.length === 0 ? "the empty map" : `{${entries.join(", ")}}`;
}

function bracketedWords(telling: Telling, id: number): string {
  const { text, form } = phrase(telling, id);
  return form === "loose" ? `(${text})` : text;
}

function caseName({ program }: Telling, type: Type, index: number): string {
  const cases = type.kind === "variant" ? program.nominals.variants.get(type.name) : undefined;
  return cases?.[index]?.name ?? String(index);
}

const ORDINALS = ["first", "second", "third", "fourth", "fifth"];

function fieldPhrase(telling: Telling, target: number, field: number): Phrase {
  const node = nodeOf(telling, target);
  const names = node.kind.case === "localRef" ? telling.names[node.kind.value.local] : undefined;
  if (typeof names === "object" && names[field] !== undefined) return atom(names[field].replaceAll("`", ""));
  const type = typeOf(telling, node);
  const fields = type.kind === "record" ? telling.program.nominals.records.get(type.name) : undefined;
  const name = fields?.[field]?.name ?? `${ORDINALS[field] ?? `${field + 1}th`} part`;
  return { text: `the ${name} of ${operand(phrase(telling, target), true)}`, form: "noun" };
}

/** Words for an operand: in brackets where they could be read on into what stands behind them. */
function operand({ text, form }: Phrase, isLast: boolean): string {
  const isSafe = form === "atom" || form === "noun" || (form === "open" && isLast);
  return isSafe ? text : `(${text})`;
}

function builtinPhrase(telling: Telling, { builtin: number, args }: BuiltinCall): Phrase {
  const builtin = builtinByNumber(number);
  if (builtin === undefined) return atom(`builtin ${number}`);
  const parts = args.map((arg) => phrase(telling, arg));
  const [left = atom(""), right] = parts;
  if (builtin.text === "not") return negation(telling, args[0] ?? 0, left);
  if (builtin.text === "and" || builtin.text === "or") {
    const side = (one: Phrase): string => (one.form === "test" ? one.text : operand(one, false));
    return loose(`${side(left)} ${builtin.text} ${side(right ?? left)}`);
  }
  const parity = parityOf(telling, builtin.id, args);
  if (parity !== undefined) return parity;
  const template = PHRASES[builtin.id];
  if (template !== undefined) return filled(telling, template, args, parts);
  const infix = INFIX[builtin.text];
  if (infix !== undefined && right !== undefined)
    return loose(`${operand(left, false)} ${infix} ${operand(right, false)}`);
  if (builtin.text === "-") return loose(`minus ${operand(left, false)}`);
  const name = builtin.name.replaceAll("_", " ");
  const rest = parts.slice(1).map((part) => operand(part, false));
  const text = `the ${name} of ${operand(left, rest.length === 0)}${rest.length === 0 ? "" : ` with ${listed(rest)}`}`;
  return { text, form: "noun" };
}

function negation(telling: Telling, id: number, told: Phrase): Phrase {
  const { kind } = nodeOf(telling, id);
  const template =
    kind.case === "builtinCall" ? PHRASES[builtinByNumber(kind.value.builtin)?.id ?? ""] : undefined;
  const opposite =
    template === undefined || told.text.endsWith(" even") || told.text.endsWith(" odd")
      ? undefined
      : negated(template);
  if (kind.case !== "builtinCall" || opposite === undefined) {
    return { text: `not ${told.form === "atom" ? told.text : `(${told.text})`}`, form: "test" };
  }
  const { args } = kind.value;
  return filled(
    telling,
    opposite,
    args,
    args.map((arg) => phrase(telling, arg)),
  );
}

/** `x % 2 == 0` is "x is even". */
function parityOf(telling: Telling, id: string, args: readonly number[]): Phrase | undefined {
  const [left = 0, right = 0] = args;
  const call = nodeOf(telling, left).kind;
  if ((id !== "eq" && id !== "ne") || call.case !== "builtinCall") return undefined;
  if (builtinByNumber(call.value.builtin)?.id !== "int.mod_floor") return undefined;
  const [value = 0, modulus = 0] = call.value.args;
  const rest = literalInt(telling, right);
  if (literalInt(telling, modulus) !== 2n || (rest !== 0n && rest !== 1n)) return undefined;
  const isEven = (rest === 0n) === (id === "eq");
  return { text: `${operand(phrase(telling, value), false)} is ${isEven ? "even" : "odd"}`, form: "test" };
}

function literalInt(telling: Telling, id: number): bigint | undefined {
  const { kind } = nodeOf(telling, id);
  return kind.case === "literal" && kind.value.value.case === "int" ? kind.value.value.value : undefined;
}

/** The template with its places filled; at its end a phrase may be open. */
function filled(
  telling: Telling,
  template: string,
  args: readonly number[],
  parts: readonly Phrase[],
): Phrase {
  const isTest = template.startsWith("?");
  const that = template.includes("{1:p} of {0} for which {1:b}") ? thatAre(telling, args) : undefined;
  const words = template.replace(/^\?/, "");
  const source =
    that === undefined
      ? words
      : words.replace(/ ?\{1:p\} of \{0\} for which \{1:b\}/, ` of {0} that are ${that}`);
  let isOpen = false;
  const text = source.replace(
    /\{(\d):?([pbr\d])?\}/g,
    (place, index: string, detail: string | undefined, at: number) => {
      const isLast = at + place.length === source.length;
      const arg = args[Number(index)];
      const part = parts[Number(index)];
      if (arg === undefined || part === undefined) return "";
      if (detail === undefined) {
        isOpen ||= isLast && part.form === "open";
        const isCounted = /^ (items|characters|times|digits|days|months)/.test(
          source.slice(at + place.length),
        );
        return isCounted && part.form !== "atom" ? `(${part.text})` : operand(part, isLast);
      }
      if (detail === "r") return roundingOf(telling, arg);
      if (detail !== "b") return paramOf(telling, arg, detail);
      isOpen ||= isLast;
      const isAsked = isTest || /(?:for which|as long as|until) $/.test(source.slice(0, at));
      const body = bodyOf(telling, arg, isAsked);
      return isLast ? body.text : operand(body, false);
    },
  );
  if (isTest) return { text, form: "test" };
  return {
    text: text.replace(/\b(first|last) 1 (item|character)s\b/g, "$1 $2"),
    form:
      isOpen || that !== undefined ? "open" : /^the |^\[/.test(text) && !/,/.test(source) ? "noun" : "open",
  };
}

/** "even" of "x is even", where x is the only parameter and is not named again. */
function thatAre(telling: Telling, args: readonly number[]): string | undefined {
  const lambda = nodeOf(telling, args[1] ?? 0).kind;
  if (lambda.case !== "lambdaExpr") return undefined;
  const name = paramWords(telling, lambda.value.params);
  const body = phrase(telling, lambda.value.body);
  const rest =
    body.text.startsWith(`${name} is `) && body.form === "test"
      ? body.text.slice(name.length + 4)
      : undefined;
  return rest === undefined || rest.split(/[^\p{XIDC}]+/u).includes(name) ? undefined : rest;
}

function paramOf(telling: Telling, arg: number, detail: string): string {
  const lambda = nodeOf(telling, arg).kind;
  if (lambda.case !== "lambdaExpr") return "item";
  if (detail === "p") return paramWords(telling, lambda.value.params);
  const param = lambda.value.params[Number(detail)];
  return param === undefined ? "item" : nameOf(telling, param);
}

function paramWords(telling: Telling, params: readonly number[]): string {
  return params.length === 0 ? "nothing" : listed(params.map((param) => nameOf(telling, param)));
}

/** "halves to the even digit". */
function roundingOf(telling: Telling, arg: number): string {
  const { kind } = nodeOf(telling, arg);
  const rule = kind.case === "literal" && kind.value.value.case === "string" ? kind.value.value.value : "";
  return Object.hasOwn(ROUNDING_WORDS, rule)
    ? (ROUNDING_WORDS[rule] ?? rule)
    : `by the rule ${phrase(telling, arg).text}`;
}

/** What a function gives; where it is not asked but used as a value, a question says whether. */
function bodyOf(telling: Telling, arg: number, isAsked: boolean): Phrase {
  const lambda = nodeOf(telling, arg).kind;
  if (lambda.case === "lambdaExpr") {
    const told = phrase(telling, lambda.value.body);
    return isAsked ? told : asValue(telling, lambda.value.body, told);
  }
  return { text: `${operand(phrase(telling, arg), false)} of item`, form: "noun" };
}
