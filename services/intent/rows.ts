import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Example, ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import { invalidField } from "#platform/rpc/error.ts";
import type { StoredContext } from "./context.ts";
import type { Found } from "./examples.ts";
import { type Literal, literalKey } from "./literals.ts";
import { literalFromValue } from "./message.ts";
import type { Place } from "./phrases/tokens.ts";
import { fits, leastType } from "./shapes.ts";
import { isIdentifier, type Plain, type Unified } from "./types.ts";
import type { Mention } from "./words.ts";

/** One example, aligned with the parameters. */
export interface Row {
  readonly inputs: readonly Literal[];
  readonly output: Literal | undefined;
  readonly trap: string | undefined;
  readonly origin: "REQUEST" | "TEXT" | "CONTEXT";
  readonly certainty: number;
  readonly tolerance?: number | undefined;
  readonly place?: Place;
}

/** What could not be used, with the words that it is about. */
export interface Notice {
  readonly message: string;
  readonly place?: Place;
}

/** The most examples that one intent holds. */
export const MAX_EXAMPLES = 1000;

/** How many inputs the words speak of. */
export function spokenInputs(spoken: readonly Mention[]): number {
  return spoken.reduce(
    (sum, one) => sum + (one.role === "in" ? Math.max(one.count, one.names.length) : 0),
    0,
  );
}

export interface Aligned {
  readonly rows: readonly Row[];
  readonly names: readonly string[];
}

interface Loose extends Omit<Row, "inputs"> {
  readonly args: readonly Literal[];
  /** Names of the arguments, all of them or none. */
  readonly names: readonly string[];
  readonly call: boolean;
  readonly field: string;
}

/** Brings all examples into the order of the parameters. Those of the request must fit; others are left out with a notice. */
export function alignedRows(
  given: { readonly examples?: readonly Example[] | undefined; readonly context?: StoredContext | undefined },
  found: readonly Found[],
  known: readonly string[] | undefined,
  spoken: number,
  notices: Notice[],
): Aligned {
  const all = [
    ...(given.examples ?? []).map(requestExample),
    ...storedExamples(given.context),
    ...textExamples(found, spoken),
  ];
  const loose = all.slice(0, MAX_EXAMPLES);
  if (all.length > MAX_EXAMPLES)
    notices.push({ message: `only the first ${MAX_EXAMPLES} of ${all.length} examples were read` });
  const named = loose.find((one) => one.names.length > 0)?.names;
  const names = known ?? named ?? [];
  const count = known?.length ?? arity(loose);
  const rows: Row[] = [];
  for (const one of loose) {
    const inputs = ordered(one, names, count);
    if (inputs !== undefined) rows.push({ ...one, inputs });
    else if (one.origin === "REQUEST") throw misaligned(one, names, count);
    else {
      const message = `an example was left out: it has ${one.args.length} input${one.args.length === 1 ? "" : "s"}, the function ${count}`;
      notices.push({ message, ...(one.place === undefined ? {} : { place: one.place }) });
    }
  }
  return { rows, names: known === undefined ? (named ?? []) : [] };
}

/** The number of inputs that most examples have; those of the request, then calls, count first. */
function arity(loose: readonly Loose[]): number | undefined {
  const request = loose.filter((one) => one.origin === "REQUEST");
  const calls = loose.filter((one) => one.call);
  const voters = request.length > 0 ? request : calls.length > 0 ? calls : loose;
  const votes = new Map<number, number>();
  for (const one of voters) votes.set(one.args.length, (votes.get(one.args.length) ?? 0) + 1);
  return [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0];
}

function ordered(
  one: Loose,
  names: readonly string[],
  count: number | undefined,
): readonly Literal[] | undefined {
  if (one.names.length > 0 && names.length > 0) {
    const byName = names.map((name) => one.args[one.names.indexOf(name)]);
    if (one.names.length === names.length && byName.every((value) => value !== undefined)) return byName;
    if (one.origin === "REQUEST") return undefined;
  }
  if (count === undefined || one.args.length === count) return one.args;
  if (one.origin === "REQUEST" || one.call) return undefined;
  // Several values on the left are several arguments if the signature says so, else one tuple.
  if (count === 1) return [{ kind: "tuple", items: one.args }];
  const [only] = one.args;
  return one.args.length === 1 && only?.kind === "tuple" && only.items.length === count
    ? only.items
    : undefined;
}

function misaligned(one: Loose, names: readonly string[], count: number | undefined): Error {
  const wanted = names.length > 0 ? names.join(", ") : `${count ?? 0} by position`;
  const got = one.names.length > 0 ? one.names.join(", ") : `${one.args.length} by position`;
  return invalidField(
    `${one.field}.inputs`,
    `does not fit the parameters: wanted ${wanted}; got ${got}`,
    "EXAMPLE_INVALID",
  );
}

function requestExample(example: MessageInitShape<typeof ExampleSchema> & Example, at: number): Loose {
  const field = `examples[${at}]`;
  const inputs =
    example.inputs === undefined ? undefined : literalFromValue(example.inputs, `${field}.inputs`, 0);
  if (inputs?.kind !== "list" && inputs?.kind !== "map") {
    throw invalidField(
      `${field}.inputs`,
      "must be an object by parameter name, or a list by position",
      "EXAMPLE_INVALID",
    );
  }
  const named = inputs.kind === "map" ? inputs.entries : [];
  for (const [key] of named) {
    if (key.kind === "string" && isIdentifier(key.value)) continue;
    const description = `${JSON.stringify(key.kind === "string" ? key.value : "")} is no name of a parameter: names are identifiers`;
    throw invalidField(`${field}.inputs`, description, "EXAMPLE_INVALID");
  }
  const { expected } = example;
  if (expected.case === undefined) {
    throw invalidField(field, "says neither output nor trap; give one of them", "EXAMPLE_INVALID");
  }
  return {
    args: inputs.kind === "map" ? named.map((entry) => entry[1]) : inputs.items,
    names: named.map(([key]) => (key.kind === "string" ? key.value : "")),
    call: true,
    output: expected.case === "output" ? literalFromValue(expected.value, `${field}.output`, 1) : undefined,
    trap: expected.case === "trap" ? expected.value : undefined,
    origin: "REQUEST",
    certainty: 1,
    tolerance: example.tolerance,
    field,
  };
}

function storedExamples(context: StoredContext | undefined): Loose[] {
  return (context?.examples ?? []).map((example, at) => ({
    args: [...example.inputs.values()],
    names: example.inputs instanceof Map ? [...example.inputs.keys()] : [],
    call: false,
    output: example.output,
    trap: undefined,
    origin: "CONTEXT",
    certainty: 0.6,
    field: `context.examples[${at}]`,
  }));
}

function textExamples(found: readonly Found[], spoken: number): Loose[] {
  return found.map((one) => {
    const names = one.args.flatMap((arg) => arg.name ?? []);
    const whole = names.length === one.args.length ? names : [];
    const values = one.args.map((arg) => arg.value);
    const tuple = one.call === undefined && whole.length === 0 && values.length > 1 && spoken < 2;
    return {
      args: tuple ? [{ kind: "tuple", items: values } as const] : values,
      names: whole,
      call: one.call !== undefined,
      output: one.output,
      trap: one.output === undefined ? "ANY" : undefined,
      origin: "TEXT",
      certainty: one.certainty,
      tolerance: one.tolerance,
      field: "inputText",
      place: { start: one.start, end: one.end },
    };
  });
}

export function columnsOf(rows: readonly Row[]): Literal[][] {
  const width = Math.max(0, ...rows.map((row) => row.inputs.length));
  return Array.from({ length: width }, (_, at) => rows.flatMap((row) => row.inputs[at] ?? []));
}

export function outputsOf(rows: readonly Row[]): Literal[] {
  return rows.flatMap((row) => row.output ?? []);
}

/** The rows that tell types: all of them if they agree on some, else those of the request, else none but the first. */
export function tellingRows(rows: readonly Row[]): readonly Row[] {
  const agree = (some: readonly Row[]): boolean =>
    columnsOf(some).every((column) => leastType(column) !== undefined) &&
    leastType(outputsOf(some)) !== undefined;
  if (agree(rows)) return rows;
  const request = rows.filter((row) => row.origin === "REQUEST");
  return request.length > 0 ? request : rows.slice(0, 1);
}

/** Values of a request that no type holds are the request's fault, unless its signature says what they are. */
export function refuseUntyped(aligned: Aligned, signature: Plain | undefined): void {
  const rows = aligned.rows.filter((row) => row.origin === "REQUEST");
  const mixed = "mixes values that no type holds: give a signature, or values of one type";
  for (const [at, column] of columnsOf(rows).entries()) {
    if (signature?.params[at]?.type !== undefined || leastType(column) !== undefined) continue;
    const name = signature?.params[at]?.name ?? aligned.names[at] ?? `${at}`;
    throw invalidField(`examples.inputs.${name}`, mixed, "EXAMPLE_INVALID");
  }
  if (signature?.returns === undefined && leastType(outputsOf(rows)) === undefined) {
    throw invalidField("examples.output", mixed, "EXAMPLE_INVALID");
  }
}

/** Examples of the text that do not have the types of the signature are left out; those of the request are refused. */
export function fittingRows(
  rows: readonly Row[],
  unified: Unified,
  strict: boolean,
  notices: Notice[],
): Row[] {
  const key = (row: Row): string =>
    [...row.inputs, ...(row.output ? [row.output] : [])].map(literalKey).join();
  const requested = new Set(rows.filter((row) => row.origin === "REQUEST").map(key));
  return rows.filter((row, at) => {
    // The text often repeats what the request gives.
    if (row.origin !== "REQUEST" && requested.has(key(row))) return false;
    const wrong = unified.params.find((param, place) => {
      const value = row.inputs[place];
      return value === undefined || !fits(value, param.type);
    });
    const output = row.output === undefined || fits(row.output, unified.returns.type);
    if (wrong === undefined && output) return true;
    const part =
      wrong === undefined
        ? `the output is no ${unified.returns.type.text}`
        : `${wrong.name} is no ${wrong.type.text}`;
    if (row.origin === "REQUEST" && strict) {
      throw invalidField(`examples[${at}]`, `does not fit the signature: ${part}`, "EXAMPLE_INVALID");
    }
    notices.push({
      message: `an example was left out: ${part}`,
      ...(row.place === undefined ? {} : { place: row.place }),
    });
    return false;
  });
}
