import type { DescService, Message } from "@bufbuild/protobuf";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import type { Started, Target } from "#platform/process/target.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code, type CodeName } from "#platform/rpc/codes.ts";
import { exhausted, type Reason, RpcError, rpcError, statusFromError } from "#platform/rpc/error.ts";
import type { AnyHandler, Served } from "#platform/rpc/handlers.ts";

/** The errors of the golden table, each as a service raises it. */
export const FAULTS: Readonly<Record<Exclude<CodeName, "OK">, RpcError>> = {
  CANCELLED: fault("CANCELLED", "CALL_CANCELLED"),
  UNKNOWN: new RpcError(Code.UNKNOWN, "nobody knows"),
  INVALID_ARGUMENT: fault("INVALID_ARGUMENT", "EXAMPLES_CONTRADICT"),
  DEADLINE_EXCEEDED: fault("DEADLINE_EXCEEDED", "DEADLINE_PASSED"),
  NOT_FOUND: fault("NOT_FOUND", "RESOURCE_NOT_FOUND"),
  ALREADY_EXISTS: fault("ALREADY_EXISTS", "IDEMPOTENCY_CONFLICT"),
  PERMISSION_DENIED: fault("PERMISSION_DENIED", "NOT_OWNER"),
  RESOURCE_EXHAUSTED: exhausted("QUEUE_FULL", "the queue is full: try again in 3 s", { retrySeconds: 2.5 }),
  FAILED_PRECONDITION: fault("FAILED_PRECONDITION", "PROGRAM_INVALID"),
  ABORTED: fault("ABORTED", "ETAG_MISMATCH"),
  OUT_OF_RANGE: fault("OUT_OF_RANGE", "VERSION_OUT_OF_RANGE"),
  UNIMPLEMENTED: fault("UNIMPLEMENTED", "METHOD_UNKNOWN"),
  INTERNAL: fault("INTERNAL", "INTERNAL"),
  UNAVAILABLE: fault("UNAVAILABLE", "DEPENDENCY_DOWN"),
  DATA_LOSS: fault("DATA_LOSS", "DATA_DAMAGED"),
  UNAUTHENTICATED: fault("UNAUTHENTICATED", "KEY_REVOKED"),
};

/** A message in which every protocol has something to escape. */
export const ODD_TEXT = 'cannot read "a\\b": 100 % of «über»\nand a second line\t{"code":5,"details":[]}';
/** An error with that message. */
export const ODD = rpcError(Code.ABORTED, "ETAG_MISMATCH", ODD_TEXT, { metadata: { text: ODD_TEXT } });

function fault(code: CodeName, reason: Reason): RpcError {
  return rpcError(Code[code], reason, `raised as ${code}: "try" again`, { metadata: { of: "a double" } });
}

/** What the doubles saw. */
export class Seen {
  /** Streams whose call was ended from outside. */
  cancelled = 0;
  /** Streams that are open. */
  open = 0;
  /** Calls by the word that they were asked with. */
  readonly calls = new Map<string, number>();
  /** Of the last call. */
  last: Call | undefined;

  /** Counts a call; answers with its number, from 1. */
  call(word: string, call: Call): number {
    this.last = call;
    const count = (this.calls.get(word) ?? 0) + 1;
    this.calls.set(word, count);
    return count;
  }
}

/** A double answers as a word of the request says: the name of a fault, or one of the words below. */
type Say = (word: string, call: Call, request: Message) => Promise<unknown> | AsyncIterable<unknown>;

/**
 * Targets in place of execution, registry and generation. Execute reads its word in `function`, GetAnrf in `alias`,
 * GenerateStream in `model`.
 */
export function doubles(seen: Seen): readonly Target[] {
  return [
    double("execution", ExecutionService, {
      execute: by("function", (word, call) => answer(seen, word, call)),
    }),
    double("registry", RegistryService, { getAnrf: by("alias", (word, call) => answer(seen, word, call)) }),
    double("generation", GenerationService, {
      generateStream: by("model", (word, call) => stream(seen, word, call)),
    }),
  ];
}

function by(field: string, say: Say): AnyHandler {
  return (request: Message, call: Call) => {
    const word = (request as unknown as Readonly<Record<string, unknown>>)[field];
    return say(typeof word === "string" ? word : "", call, request);
  };
}

function double(name: string, service: DescService, some: Readonly<Record<string, AnyHandler>>): Target {
  const refuse: AnyHandler = () => Promise.reject(FAULTS.UNIMPLEMENTED);
  const handlers = Object.fromEntries(
    service.methods.map(({ localName }) => [localName, some[localName] ?? refuse]),
  );
  const served: Served = { service, handlers };
  const started: Started = {
    serves: [served],
    ready: async () => [],
    [Symbol.asyncDispose]: async () => {},
  };
  return { name, start: async () => started };
}

function faultOf(word: string): RpcError | undefined {
  return word === "ODD" ? ODD : FAULTS[word as Exclude<CodeName, "OK">];
}

/** `slow MS` waits, `flaky N` is UNAVAILABLE until the Nth call, `big N` answers with N bytes. */
async function answer(seen: Seen, word: string, call: Call): Promise<unknown> {
  const count = seen.call(word, call);
  const found = faultOf(word);
  if (found !== undefined) throw found;
  const [verb = "", number = "0"] = word.split(" ");
  if (verb === "slow") await pause(Number(number), call.signal);
  if (verb === "flaky" && count < Number(number)) throw FAULTS.UNAVAILABLE;
  return { digest: verb === "big" ? "x".repeat(Number(number)) : `call ${count}` };
}

/** `late CODE` fails after two events, `ticks N MS` sends N events, `hang` sends one and waits for its end. */
async function* stream(seen: Seen, word: string, call: Call): AsyncGenerator<unknown, void, undefined> {
  seen.call(word, call);
  const found = faultOf(word);
  if (found !== undefined) throw found;
  const [verb = "", first = "0", second = "0"] = word.split(" ");
  let sequence = 0;
  const event = (name: string, value: object): object => ({
    sequence: ++sequence,
    event: { case: name, value },
  });
  seen.open++;
  try {
    yield event("started", { seed: 7n });
    if (verb === "late") {
      const late = faultOf(first) ?? FAULTS.INTERNAL;
      yield event("failed", { status: statusFromError(late) });
      throw late;
    }
    for (let tick = 1; verb === "ticks" && tick < Number(first); tick++) {
      await pause(Number(second), call.signal);
      yield event("heartbeat", {});
    }
    if (verb === "hang") await pause(600_000, call.signal);
    yield event("completed", { outcome: 1 });
  } finally {
    seen.open--;
    if (call.signal.aborted) seen.cancelled++;
  }
}

/** Waits; throws the signal's reason when it fires. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
