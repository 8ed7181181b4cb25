import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { FunctionExpr } from "#anrf/build/expr.ts";
import { importPython } from "#anrf/import/python.ts";
import { PartSource, type Signature, SignatureSchema } from "#gen/anrf/api/v1/signature_pb.ts";
import type { StructuredIntent } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import {
  type InferEvent,
  type InferRequestSchema,
  Message_Role,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { errorFromStatus, internal } from "#platform/rpc/error.ts";
import type { ChosenModel } from "./choice.ts";
import { pythonName } from "./python-text.ts";

/** Which types a model would give a function. */
export interface TypeHints {
  readonly signature: Signature;
  readonly tokens: number;
}

/** How a model is asked. */
export interface AskForHints {
  readonly model: ChosenModel;
  /** The most that it may write. */
  readonly tokens: number;
  readonly infer: (
    request: MessageInitShape<typeof InferRequestSchema>,
    signal: AbortSignal,
  ) => AsyncIterable<InferEvent>;
  readonly signal: AbortSignal;
}

const SYSTEM =
  "You write short, correct Python functions. Every parameter and the result has a type hint, such as list[int].";
/** Longer heads than this say nothing sensible. */
const MOST_TOKENS = 64;
const RESULT = "the_result_of_it";

/**
 * Whether a signature has a part that nobody said: such a guess is right for one public task in five, a model's types
 * for more (`npm run bench -- hints`), so that they are worth asking for.
 */
export function isUnsure({ signature, examples }: StructuredIntent): boolean {
  if (signature === undefined || examples.length > 0) return false;
  const parts = [signature.returnsSource, ...signature.params.map(({ source }) => source)];
  const isSaid = parts.some((one) => one === PartSource.GIVEN || one === PartSource.CODE);
  return !isSaid && parts.some((one) => one === PartSource.DEFAULT);
}

/** Lets the model write the head of the function, and reads the types in it; undefined where it gives none. */
export async function typeHints(
  words: string,
  name: string,
  { model, tokens: most, infer, signal }: AskForHints,
): Promise<TypeHints | undefined> {
  const request = {
    modelDigest: model.digest,
    messages: [
      { role: Message_Role.SYSTEM, text: SYSTEM },
      { role: Message_Role.USER, text: words.trim() },
      { role: Message_Role.ASSISTANT, text: `\`\`\`python\ndef ${pythonName(name)}(` },
    ],
    // The likeliest head, so that a replay gets the same.
    sampling: { n: 1 },
    maxTokens: Math.min(MOST_TOKENS, most),
    stop: [":\n"],
  };
  const pieces: Uint8Array[] = [];
  let tokens = 0;
  for await (const { event } of infer(request, signal)) {
    if (event.case === "failed")
      throw event.value.status === undefined
        ? internal("inference failed without a status")
        : errorFromStatus(event.value.status);
    if (event.case === "answer") pieces.push(event.value.rest);
    if (event.case !== "tokens") continue;
    pieces.push(event.value.text);
    tokens += Math.max(1, event.value.ids.length);
  }
  const signature = signatureOf(new TextDecoder().decode(Buffer.concat(pieces)), name);
  return signature && { signature, tokens };
}

/** The signature of `a: int) -> str`, which goes on the head of a function. */
export function signatureOf(head: string, name: string): Signature | undefined {
  const [, params, result] = /^([^\n]*)\)\s*->\s*([^\n:]+?)\s*:?\s*$/u.exec(head.trim()) ?? [];
  if (params === undefined || result === undefined) return undefined;
  // The result stands as one more parameter: the importer reads the types of parameters, whatever the body gives.
  const all = [params.trim().replace(/,$/u, ""), `${RESULT}: ${result}`].filter((one) => one !== "");
  const read = importPython(`def f(${all.join(", ")}) -> int:\n    return 0\n`);
  const entry: FunctionExpr | undefined = read.ok ? read.expr.functions.at(-1) : undefined;
  const last = entry?.params.at(-1);
  if (entry === undefined || last === undefined || last.type.kind === "unit") return undefined;
  return create(SignatureSchema, {
    name,
    params: entry.params.slice(0, -1).map((param) => ({ name: param.name, type: param.type.text })),
    returns: last.type.text,
  });
}
