import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  Answer_Finish,
  InferEvent,
  InferenceService,
  InferRequest,
  InferRequestSchema,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import type { Topology } from "#platform/process/target.ts";
import type { Call } from "#platform/rpc/call.ts";
import { RpcError } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { TOPOLOGY } from "../services/topology.ts";

/** A request as tests write it: plain fields. */
export type Request = Exclude<MessageInitShape<typeof InferRequestSchema>, InferRequest>;

/** The platform's call graph, in which generation may call inference whatever it does at present. */
export const TEST_TOPOLOGY: Topology = TOPOLOGY.map((plan) =>
  plan.name === "generation" ? { ...plan, callees: [...plan.callees, "inference"] } : plan,
);

/** What one answer says. */
export interface Said {
  readonly ids: readonly number[];
  readonly text: string;
  readonly logprobs: readonly number[];
  readonly finish: Answer_Finish | undefined;
  readonly seed: bigint | undefined;
}

/** What a request says, put together. */
export interface Heard {
  readonly events: readonly InferEvent[];
  readonly answers: readonly Said[];
  /** What the RPC ended with; undefined if it ended well. */
  readonly error: RpcError | undefined;
}

/** Reads a request to its end, or until `stop` says so after an event. */
export async function hear(
  inference: Client<typeof InferenceService>,
  request: Request,
  call: Call,
  stop: (event: InferEvent) => boolean = () => false,
): Promise<Heard> {
  const events: InferEvent[] = [];
  let error: RpcError | undefined;
  try {
    for await (const event of inference.infer(request, call)) {
      events.push(event);
      if (stop(event)) break;
    }
  } catch (thrown) {
    if (!(thrown instanceof RpcError)) throw thrown;
    error = thrown;
  }
  return { events, answers: answersOf(events), error };
}

function answersOf(events: readonly InferEvent[]): readonly Said[] {
  const answers: Said[] = [];
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  for (const { event } of events) {
    if (event.case !== "tokens" && event.case !== "answer") continue;
    const at = event.value.answer;
    const said = answers[at] ?? { ids: [], text: "", logprobs: [], finish: undefined, seed: undefined };
    answers[at] =
      event.case === "tokens"
        ? {
            ...said,
            ids: [...said.ids, ...event.value.ids],
            logprobs: [...said.logprobs, ...event.value.logprobs],
            text: said.text + text(event.value.text),
          }
        : {
            ...said,
            finish: event.value.finish,
            seed: event.value.seed,
            text: said.text + text(event.value.rest),
          };
  }
  return answers;
}
