import type { InferenceService } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { asRpcError } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { isUnsure, type TypeHints, typeHints } from "./model/hints.ts";
import type { Prepared } from "./prepare.ts";
import { readTask } from "./task.ts";

/** A request with the types that a model would give, and what a person should know of it. */
export interface Hinted {
  readonly prepared: Prepared;
  readonly tokens: number;
  readonly warnings: readonly string[];
}

/** The most that is waited for a head of a function, and its share of the time. */
const PATIENCE_MS = 30_000;
const SHARE = 0.25;

/**
 * Where nobody said a type, the types that the model would give are tried in place of the defaults. What goes wrong with it
 * costs the hints alone.
 */
export async function withTypeHints(
  prepared: Prepared,
  inference: Client<typeof InferenceService>,
  call: Call,
  signal: AbortSignal,
): Promise<Hinted> {
  const { llm, source, reading, budget } = prepared;
  const { model } = llm;
  const { task } = reading;
  if (model === undefined || task === undefined || !isUnsure(source.intent))
    return { prepared, tokens: 0, warnings: [] };
  const patience = AbortSignal.timeout(Math.min(PATIENCE_MS, budget.wallSeconds * 1000 * SHARE));
  let hints: TypeHints | undefined;
  try {
    hints = await typeHints(source.text === "" ? task.summary : source.text, task.name, {
      model,
      tokens: llm.budget.tokens,
      infer: (request, end) => inference.infer(request, { ...call, signal: end }),
      signal: AbortSignal.any([signal, patience]),
    });
  } catch (error) {
    signal.throwIfAborted();
    const warning = `the model ${model.name} gave no types: ${asRpcError(error).message}`;
    return { prepared, tokens: 0, warnings: [warning] };
  }
  if (hints === undefined) return { prepared, tokens: 0, warnings: [] };
  const { signature, tokens } = hints;
  const left = { ...llm, budget: { ...llm.budget, tokens: Math.max(0, llm.budget.tokens - tokens) } };
  // What the words say in terms of the old parameters does not hold for others.
  const intent = { ...source.intent, signature, constraints: [], fragments: [] };
  const changed = readTask(intent, []);
  if (changed.task === undefined) return { prepared: { ...prepared, llm: left }, tokens, warnings: [] };
  const params = signature.params.map(({ name, type }) => `${name}: ${type}`).join(", ");
  return {
    prepared: { ...prepared, llm: left, source: { ...source, intent, constraints: [] }, reading: changed },
    tokens,
    warnings: [
      `nobody said the types, so those of the model ${model.name} were tried: ${task.name}(${params}) -> ${signature.returns}; say others with signature`,
    ],
  };
}
