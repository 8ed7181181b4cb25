// One generation: its stream, its cancellation, its end.

import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type GenerateResponse,
  type GenerateStreamRequestSchema,
  type GenerationEvent,
  type GenerationFailed,
  GenerationService,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import type { Platform } from "./client.ts";
import { EXIT, EXIT_RPC } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import type { Io } from "./io.ts";
import { rpcFailure, statusFailure } from "./rpc-failure.ts";

/** How a stream ended. */
export type Ending =
  | { readonly kind: "completed"; readonly response: GenerateResponse }
  | { readonly kind: "failed"; readonly failure: Failure; readonly event: GenerationFailed | undefined }
  | { readonly kind: "stopped" };

/** What became of a generation, and the signal that ended it early. */
export interface Outcome {
  readonly ending: Ending;
  readonly signal: "SIGINT" | "SIGTERM" | undefined;
}

/** How to follow a stream. */
export interface Following {
  readonly request: MessageInitShape<typeof GenerateStreamRequestSchema>;
  /** Stop after so many events. */
  readonly max: number | undefined;
  event(event: GenerationEvent): void;
  /** The first signal was heard. */
  cancelling(): void;
}

const WHAT = "cannot generate";
/** How long a cancelled stream may take to say its last word. */
const LAST_WORD_MS = 2_000;

/**
 * Follows a generation to its end. The first signal calls it off by CancelGeneration and reads on; after two seconds,
 * or before the first event, the stream is cut. A second signal ends the process.
 */
export async function follow(platform: Platform, io: Io, following: Following): Promise<Outcome> {
  const client = platform.client(GenerationService);
  const cut = new AbortController();
  let generationId = "";
  let signal: Outcome["signal"];
  const quiet = io.onSignal((heard) => {
    if (signal !== undefined) return io.exit(signal === "SIGINT" ? EXIT.INTERRUPTED : EXIT.TERMINATED);
    signal = heard;
    following.cancelling();
    if (generationId === "") return cut.abort();
    client.cancelGeneration({ generationId }, { timeoutMs: LAST_WORD_MS }).catch(() => cut.abort());
    setTimeout(() => cut.abort(), LAST_WORD_MS).unref();
    return undefined;
  });
  let last: GenerationEvent["event"] | undefined;
  let count = 0;
  try {
    for await (const event of client.generateStream(following.request, platform.options(cut.signal))) {
      generationId = event.generationId;
      last = event.event;
      count++;
      following.event(event);
      if (count === following.max && !isLast(last)) return { ending: { kind: "stopped" }, signal };
    }
    return { ending: endingOf(last, undefined), signal };
  } catch (error) {
    return { ending: endingOf(last, error), signal };
  } finally {
    quiet();
  }
}

function isLast(event: GenerationEvent["event"]): boolean {
  return event.case === "completed" || event.case === "failed";
}

/** The last event counts, not how the connection ended after it; without one the stream itself has failed. */
function endingOf(last: GenerationEvent["event"] | undefined, error: unknown): Ending {
  if (last?.case === "completed") return { kind: "completed", response: last.value };
  if (last?.case === "failed") {
    return { kind: "failed", failure: statusFailure(WHAT, last.value.status), event: last.value };
  }
  return { kind: "failed", failure: brokenStream(last, error), event: undefined };
}

function brokenStream(last: GenerationEvent["event"] | undefined, error: unknown): Failure {
  const known = error === undefined ? undefined : ConnectError.from(error);
  // A refusal comes before the first event; a deadline or a cancel is named as what it is.
  const named =
    known !== undefined &&
    (last === undefined || known.code === Code.DeadlineExceeded || known.code === Code.Canceled);
  if (named) return rpcFailure(WHAT, error);
  const why = known === undefined ? "it ended" : `it broke: ${known.rawMessage}`;
  return new Failure(
    EXIT_RPC + Code.DataLoss,
    WHAT,
    `the stream has no last event: ${why} (DATA_LOSS)`,
    "see how it went: anrf logs, or run it again",
    { error: `the stream has no last event: ${why}`, code: "DATA_LOSS", details: [], requestId: null },
  );
}
