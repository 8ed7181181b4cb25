import { create, type DescMessage, type Message, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import type { Logger } from "../process/log.ts";
import type { Metrics } from "../process/metrics.ts";
import { childTrace } from "../process/trace.ts";
import type { Tracer } from "../process/tracer.ts";
import { Flight, Flights, type Inbound } from "./call.ts";
import { Code } from "./codes.ts";
import { createMessageValidator, decodeRequest, tooLarge, type Validator } from "./decode.ts";
import { invalid, permissionDenied, rpcError, unauthenticated } from "./error.ts";
import type { Route } from "./handlers.ts";
import { createJournal, type Journal } from "./journal.ts";
import { scopeName } from "./peer.ts";

/** What the pipeline is told of its process. */
export interface PipelineOptions {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Undefined: nobody collects traces. */
  readonly tracer?: Tracer | undefined;
  /** Fires when running work has to break off. */
  readonly stop: AbortSignal;
  /** Whether a target is a gateway: scopes are enforced on what it brings. */
  isGateway(caller: string): boolean;
  /** Whether the call graph lets a target call another. */
  mayCall(caller: string, target: string): boolean;
}

/**
 * Surrounds every handler, the same for all transports: deadline, who may call, size, depth, decoding, validation, the
 * handler, errors, and one line of log. Idempotency keys are not its business: a first answer has to be kept in the
 * transaction of the change, so services use platform/data/idempotency.
 */
export interface Pipeline {
  /** Answers, or throws an RpcError. */
  unary(route: Route, inbound: Inbound): Promise<Message>;
  /** Yields events, one pulled at a time; ends, or throws an RpcError after the events before it. */
  stream(route: Route, inbound: Inbound): AsyncGenerator<Message, void, undefined>;
  /** An answer as bytes; throws an RpcError if it is larger than a message may be. */
  encode(route: Route, answer: Message): Uint8Array;
  /** Resolves with true as soon as no call is under way, with false after `ms`. */
  idle(ms: number): Promise<boolean>;
  /** Compiles the rules of a route, so that its first request does not pay for that. */
  warm(route: Route): void;
}

/** Makes the pipeline of a process. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const validator = createMessageValidator();
  const journal = createJournal(options);
  const flights = new Flights();
  options.stop.addEventListener("abort", () => flights.breakOff());
  const parts: Parts = { options, validator, journal, flights };
  return {
    unary: (route, inbound) => answerUnary(parts, route, inbound),
    stream: (route, inbound) => answerStream(parts, route, inbound),
    encode: (route, answer) => {
      const bytes = toBinary(route.output, answer);
      if (bytes.length > route.messageBytes) throw tooLarge("the answer", bytes.length, route.messageBytes);
      return bytes;
    },
    idle: (ms) => journal.idle(ms),
    warm: (route) => validator.warm(route.input),
  };
}

interface Parts {
  readonly options: PipelineOptions;
  readonly validator: Validator;
  readonly journal: Journal;
  readonly flights: Flights;
}

async function answerUnary(parts: Parts, route: Route, inbound: Inbound): Promise<Message> {
  const flight = begin(parts, route, inbound);
  const entry = parts.journal.open(route, inbound, flight.call.trace);
  try {
    const request = admit(parts, route, inbound, flight);
    entry.note(request);
    const answer = await flight.race(invoke(route, request, flight) as Promise<unknown>);
    const message = messageOf(route.output, answer);
    entry.note(message);
    entry.close(undefined);
    return message;
  } catch (error) {
    throw entry.close(flight.errorOf(error));
  } finally {
    parts.flights.delete(flight);
  }
}

async function* answerStream(
  parts: Parts,
  route: Route,
  inbound: Inbound,
): AsyncGenerator<Message, void, undefined> {
  const flight = begin(parts, route, inbound);
  const entry = parts.journal.open(route, inbound, flight.call.trace);
  let events: AsyncIterator<unknown> | undefined;
  let closed = false;
  try {
    const request = admit(parts, route, inbound, flight);
    entry.note(request);
    events = (invoke(route, request, flight) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    for (;;) {
      const next = await flight.race(events.next());
      if (next.done === true) break;
      const message = messageOf(route.output, next.value);
      entry.note(message);
      entry.event();
      yield message;
    }
    closed = true;
    entry.close(undefined);
  } catch (error) {
    closed = true;
    throw entry.close(flight.errorOf(error));
  } finally {
    // Reached without an end by a caller that stopped reading.
    if (!closed) entry.close(flight.abandon());
    // A generator that waits on its own promise would hold us: its end is not awaited.
    events?.return?.().catch(() => {});
    parts.flights.delete(flight);
  }
}

function begin({ options, flights }: Parts, route: Route, inbound: Inbound): Flight {
  const trace = options.tracer?.begin(inbound.trace) ?? childTrace(inbound.trace);
  const flight = new Flight(inbound, trace, deadlineOf(route, inbound, options), options.log);
  flights.add(flight);
  if (options.stop.aborted) flight.breakOff();
  return flight;
}

function admit({ options, validator }: Parts, route: Route, inbound: Inbound, flight: Flight): Message {
  authorize(route, inbound, options);
  if (flight.call.deadline <= Date.now()) {
    throw rpcError(Code.DEADLINE_EXCEEDED, "DEADLINE_TOO_SHORT", "the deadline leaves no time to begin");
  }
  const message = decodeRequest(route, inbound.bytes);
  const violations = validator.violations(route.input, message);
  if (violations.length > 0) throw invalid(violations);
  flight.throwIfGivenUp();
  return message;
}

// A handler's types are forgotten by `serve`; the route's schemas stand in for them.
function invoke(route: Route, request: Message, flight: Flight): Promise<unknown> | AsyncIterable<unknown> {
  const handler = route.handler as (
    request: Message,
    call: unknown,
  ) => Promise<unknown> | AsyncIterable<unknown>;
  return handler(request, flight.call);
}

function messageOf(schema: DescMessage, answer: unknown): Message {
  return create(schema, answer as MessageInitShape<DescMessage>);
}

function deadlineOf(route: Route, inbound: Inbound, { isGateway }: PipelineOptions): number {
  const now = Date.now();
  const asked = inbound.deadline ?? now + route.seconds.default * 1000;
  const deadline = Math.min(asked, now + route.seconds.cap * 1000);
  if (!route.streams || !isGateway(inbound.caller)) return deadline;
  return deadline - Math.min(LAST_WORDS_MS, (deadline - now) * LAST_WORDS_SHARE);
}

// At the deadline a gateway can only break a stream off, so the stream ends here before that, in words.
const LAST_WORDS_MS = 1_000;
const LAST_WORDS_SHARE = 0.1;

function authorize(route: Route, inbound: Inbound, options: PipelineOptions): void {
  const { caller, client } = inbound;
  if (caller === "") {
    throw unauthenticated("PEER_UNPROVEN", `cannot call ${route.path}: the peer does not prove itself`);
  }
  if (!options.mayCall(caller, route.target)) {
    const metadata = { caller, target: route.target };
    throw permissionDenied("CALL_NOT_ALLOWED", `${caller} may not call ${route.target}`, { metadata });
  }
  // Between services the scope was enforced where the request came in.
  if (route.scope === undefined || !options.isGateway(caller)) return;
  if (client.clientId === "") throw unauthenticated("KEY_MISSING", "no API key: send one as x-api-key");
  if (route.scope === Scope.ANY_KEY || client.scopes.has(route.scope)) return;
  const scope = scopeName(route.scope);
  throw permissionDenied("SCOPE_MISSING", `the key lacks the scope ${scope}`, { metadata: { scope } });
}
