import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Type } from "#anrf/program/type.ts";
import { parseType, type TypeNames } from "#anrf/program/type-text.ts";
import type { Example } from "#gen/anrf/api/v1/example_pb.ts";
import type { SignatureSchema } from "#gen/anrf/api/v1/signature_pb.ts";
import type { StructuredIntent } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { type FieldViolation, invalid, invalidField } from "#platform/rpc/error.ts";
import { ambiguities, contradictionsOf } from "./ambiguities.ts";
import { constraints, type Rule } from "./constraints.ts";
import type { StoredContext } from "./context.ts";
import { tolerance } from "./cues.ts";
import { codeSignature, findExamples } from "./examples.ts";
import { goal } from "./goal.ts";
import type { Literal } from "./literals.ts";
import { intentMessage } from "./message.ts";
import { constants } from "./phrases/constants.ts";
import { fragmentsOf } from "./phrases/fragments.ts";
import { type Place, tokens } from "./phrases/tokens.ts";
import type { Shown } from "./phrases/views.ts";
import {
  alignedRows,
  columnsOf,
  fittingRows,
  type Notice,
  outputsOf,
  type Row,
  refuseUntyped,
  spokenInputs,
  tellingRows,
} from "./rows.ts";
import { isIdentifier, type Plain, type Sources, type Unified, unify } from "./types.ts";
import { blanked, mentions, openings, withoutOpening } from "./words.ts";

/** What a request gives beside its text. */
export interface Given {
  readonly signature?: MessageInitShape<typeof SignatureSchema> | undefined;
  readonly examples?: readonly Example[] | undefined;
  /** Sentences, or ANRF clauses over the parameters and `result`. */
  readonly constraints?: readonly string[] | undefined;
  readonly languageTag?: string | undefined;
  readonly context?: StoredContext | undefined;
  /** Said once in the answer: why a context could not be used. */
  readonly warnings?: readonly string[] | undefined;
}

/** The most code points of a text. */
export const MAX_CODE_POINTS = 20_000;

/**
 * Understands an intent (generation.md §2): the passes in their order, without model, clock or randomness. Every part
 * of the answer that stands in the text has its span. A request that cannot be understood is an RpcError
 * INVALID_ARGUMENT with the field.
 */
export function analyze(inputText: string, given: Given = {}): StructuredIntent {
  refuseUnreadable(inputText, given);
  const signature = readSignature(given);
  const found = findExamples(inputText);
  const code = codeSignature(blanked(inputText, found));
  const hidden: Place[] = [...found, ...(code === undefined ? [] : [code])];
  const words = withoutOpening(blanked(inputText, hidden)).toLowerCase();
  const spoken = mentions(tokens(inputText, [...hidden, ...openings(inputText)]));
  const notices: Notice[] = (given.warnings ?? []).map((message) => ({ message }));
  for (const message of given.context?.warnings ?? []) notices.push({ message });
  const names = parameterNames(signature, code, given);
  const aligned = alignedRows(given, found, names, spokenInputs(spoken), notices);
  refuseUntyped(aligned, signature);
  const telling = tellingRows(aligned.rows);
  const base: Sources = {
    ...(signature === undefined ? {} : { given: signature }),
    ...(code === undefined ? {} : { code }),
    ...(telling.length === 0 ? {} : { columns: columnsOf(telling) }),
    outputs: outputsOf(telling),
    names: aligned.names,
    mentions: spoken,
    words,
    ...(given.context?.signature === undefined ? {} : { context: given.context.signature }),
  };
  const unified = unify(base);
  const rows = fittingRows(aligned.rows, unified, signature !== undefined, notices);
  return assembled(inputText, given, { unified, rows, words, hidden, notices });
}

const MAX_RULES = 200;

interface Pieces {
  readonly unified: Unified;
  readonly rows: readonly Row[];
  readonly words: string;
  readonly hidden: readonly Place[];
  readonly notices: Notice[];
}

function assembled(text: string, given: Given, pieces: Pieces): StructuredIntent {
  const { unified, rows, words, hidden, notices } = pieces;
  const visible = tokens(text, hidden);
  const types = [...unified.params.map((param) => param.type), unified.returns.type];
  const names = new Set(unified.params.map((param) => param.name));
  const scope = { params: unified.params.map(clauseName), returns: unified.returns.type };
  const rules = [
    ...(given.constraints ?? []).flatMap((sentence) => givenRules(sentence, scope)),
    ...constraints(text, scope, hidden),
  ]
    .slice(0, MAX_RULES)
    .map((rule) => obeyed(rule, rows, notices));
  const close = tolerance(text);
  const aim = goal(text, visible, types, hidden);
  const contradictions = contradictionsOf(rows);
  return intentMessage({
    text,
    // The lexicon is English: a text that it understands is.
    languageTag: given.languageTag || (aim.hints.length > 0 ? "en" : "und"),
    unified,
    rows: rows.map((row) =>
      close === undefined || row.output?.kind !== "number"
        ? row
        : { ...row, tolerance: row.tolerance ?? close },
    ),
    goal: withDoc(aim, given.context),
    rules,
    constants: constants(visible, names),
    fragments: fragmentsOf(tokens(text, unspoken(hidden, notices)), scope, shownTexts(rows)),
    questions: ambiguities({ text, words, unified, contradictions, exampleCount: rows.length }),
    ...(given.context === undefined ? {} : { context: given.context }),
    notices,
  });
}

/** What the words do not say: code, and examples. What was left out as one is said after all: "a win ('W') gives 3 points". */
function unspoken(hidden: readonly Place[], notices: readonly Notice[]): readonly Place[] {
  const leftOut = new Set(notices.flatMap(({ place }) => place?.start ?? []));
  return hidden.filter((place) => !leftOut.has(place.start));
}

/** The texts among the examples' inputs, and those that come out. */
function shownTexts(rows: readonly Row[]): Shown {
  const text = (value: Literal | undefined): string[] => (value?.kind === "string" ? [value.value] : []);
  return {
    inputs: rows.flatMap((row) => row.inputs.flatMap(text)),
    items: rows.flatMap((row) =>
      row.inputs.flatMap((one) => (one.kind === "list" ? one.items.flatMap(text) : [])),
    ),
    outputs: rows.flatMap((row) => text(row.output)),
  };
}

function withDoc(aim: ReturnType<typeof goal>, context: StoredContext | undefined): ReturnType<typeof goal> {
  return aim.summary === "" && context !== undefined && context.doc !== ""
    ? { ...aim, summary: context.doc }
    : aim;
}

function refuseUnreadable(text: string, given: Given): void {
  if (!text.isWellFormed()) {
    throw invalidField("inputText", "holds half of a character (a lone surrogate); send valid Unicode");
  }
  if (text.includes("\0")) throw invalidField("inputText", "holds the character U+0000; leave it out");
  const length = text.length > MAX_CODE_POINTS ? [...text].length : text.length;
  if (length > MAX_CODE_POINTS) {
    throw invalidField("inputText", `has ${length} characters; at most ${MAX_CODE_POINTS} are read`);
  }
  const spoken =
    (given.examples?.length ?? 0) > 0 ||
    given.signature !== undefined ||
    given.context?.signature !== undefined;
  if (text.trim() === "" && !spoken) {
    throw invalidField(
      "inputText",
      "says nothing: write a sentence, or give an example or a signature",
      "INTENT_EMPTY",
    );
  }
  for (const [at, sentence] of (given.constraints ?? []).entries()) {
    if (!sentence.isWellFormed() || sentence.includes("\0"))
      throw invalidField(`constraints[${at}]`, "is no valid text");
  }
}

/** The request's signature with its types read; every wrong part is reported at once. */
function readSignature(given: Given): Plain | undefined {
  const { signature } = given;
  if (signature === undefined) return undefined;
  const violations: FieldViolation[] = [];
  const names: TypeNames = { records: given.context?.records ?? new Set<string>() };
  const read = (text: string | undefined, field: string): Type | undefined => {
    if (text === undefined || text.trim() === "") return undefined;
    const type = parseType(text, names);
    if (!("error" in type)) return type;
    violations.push({ field, description: `cannot read the type ${JSON.stringify(text)}: ${type.error}` });
    return undefined;
  };
  const seen = new Set<string>();
  const params = (signature.params ?? []).map((param, at) => {
    const name = param.name === undefined || param.name === "" ? `arg${at}` : param.name;
    if (!isIdentifier(name)) {
      violations.push({
        field: `signature.params[${at}].name`,
        description: `${JSON.stringify(name)} is no identifier`,
      });
    } else if (seen.has(name)) {
      violations.push({
        field: `signature.params[${at}].name`,
        description: `two parameters are called ${JSON.stringify(name)}`,
      });
    }
    seen.add(name);
    const type = read(param.type, `signature.params[${at}].type`);
    return type === undefined ? { name } : { name, type };
  });
  const returns = read(signature.returns, "signature.returns");
  if (violations.length > 0) throw invalid(violations, "SIGNATURE_INVALID");
  const name = signature.name === undefined || signature.name === "" ? {} : { name: signature.name };
  return { ...name, params, ...(returns === undefined ? {} : { returns }) };
}

function parameterNames(
  signature: Plain | undefined,
  code: Plain | undefined,
  given: Given,
): readonly string[] | undefined {
  const known = signature ?? code ?? given.context?.signature;
  return known?.params.map((param) => param.name);
}

/** Names that the language reserves stand in backticks inside clauses. */
function clauseName(param: { name: string; type: Type }): { name: string; type: Type } {
  const reserved =
    /^(?:and|as|compare|do|else|fail|false|fn|hole|if|let|loop|match|max|min|none|not|or|result|some|true|while|\p{Lu}.*)$/u;
  return { name: reserved.test(param.name) ? `\`${param.name}\`` : param.name, type: param.type };
}

/** A constraint of the request: an ANRF clause as it stands, or a sentence by the rules of the text. */
function givenRules(sentence: string, scope: Parameters<typeof constraints>[1]): Rule[] {
  const nowhere = { start: 0, end: 0 };
  const trimmed = sentence.trim();
  if (trimmed === "") return [];
  const clause =
    /(?:==|!=|<=|>=|[<>]|\.\w+\(|\bnot\b|\band\b|\bor\b)/u.test(trimmed) && isExpression(trimmed, scope);
  if (clause) {
    const kind = /\bresult\b/u.test(trimmed) ? "POSTCONDITION" : "PRECONDITION";
    return [{ kind, text: trimmed, clauses: [trimmed], certainty: 1, enforced: "CHECKED", ...nowhere }];
  }
  const read = constraints(sentence, scope, []).map((rule): Rule => {
    const { kind, clauses, holds } = rule;
    const enforced = clauses.length > 0 ? "CHECKED" : rule.enforced;
    return {
      kind,
      text: trimmed,
      clauses,
      certainty: 1,
      enforced,
      ...nowhere,
      ...(holds === undefined ? {} : { holds }),
    };
  });
  if (read.length > 0) return read;
  return [{ kind: "STYLE", text: trimmed, clauses: [], certainty: 1, enforced: "SOFT", ...nowhere }];
}

/** Every bare word of a clause is a name of the scope, a word of the language, or follows a dot. */
function isExpression(text: string, scope: Parameters<typeof constraints>[1]): boolean {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/gu, '""').replaceAll(/\(\s*[\w, ]+\)\s*=>/gu, "=>");
  const locals = [...text.matchAll(/\(\s*([\w, ]+)\)\s*=>/gu)].flatMap((match) =>
    (match[1] ?? "").split(/[\s,]+/u),
  );
  const known = new Set([...scope.params.map((param) => param.name.replaceAll("`", "")), ...locals]);
  const language = /^(?:result|and|or|not|true|false|none|some|min|max|compare|if|else|List|Int|Float|Map)$/u;
  return [...bare.matchAll(/(?<![\w.])[A-Za-z_]\w*/gu)].every(
    (match) => known.has(match[0]) || language.test(match[0]),
  );
}

/** Examples outrank words: a clause that one of them breaks only ranks. */
function obeyed(rule: Rule, rows: readonly Row[], notices: Notice[]): Rule {
  if (rule.holds === undefined || rule.clauses.length === 0) return rule;
  const broken = rows.findIndex(
    (row) => row.output !== undefined && rule.holds?.(row.inputs, row.output) === false,
  );
  if (broken < 0) return rule;
  const message = `example ${broken + 1} breaks ${JSON.stringify(rule.text.slice(0, 200))}: it only ranks`;
  notices.push({
    message,
    ...(rule.end > rule.start ? { place: { start: rule.start, end: rule.end } } : {}),
  });
  return { ...rule, certainty: Math.min(rule.certainty, 0.5), enforced: "SOFT" };
}
