import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import type { ErrorReason } from "#gen/anrf/api/v1/error_reason_pb.ts";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  QuotaFailureSchema,
  ResourceInfoSchema,
  RetryInfoSchema,
} from "#gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "#gen/google/rpc/status_pb.ts";
import { Code, codeFromNumber } from "./codes.ts";

/** A reason from the closed list, without its prefix, such as "RESOURCE_NOT_FOUND". */
export type Reason = Exclude<keyof typeof ErrorReason, "UNSPECIFIED">;

/** The domain of every ErrorInfo of this platform. */
export const ERROR_DOMAIN = "anrf";

/** One field that breaks a rule, by its JSON path, such as `inputs[1].name`. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** The one error that crosses a border: a code, a message for people, and details as google.rpc packs them. */
export class RpcError extends Error {
  readonly code: Code;
  readonly details: readonly Any[];

  constructor(code: Code, message: string, details: readonly Any[] = [], options?: ErrorOptions) {
    super(message, options);
    this.name = "RpcError";
    this.code = code;
    this.details = details;
  }
}

/** What an error may carry beside code, reason and message. */
export interface ErrorExtras {
  /** Every variable of the message, for programs. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Further details, at most one of each type. */
  readonly details?: readonly Any[];
  /** What caused it; it goes to the log only. */
  readonly cause?: unknown;
}

/** Makes an error with its ErrorInfo; the makers below are made of it. */
export function rpcError(code: Code, reason: Reason, message: string, extras: ErrorExtras = {}): RpcError {
  const info = detail(ErrorInfoSchema, {
    reason,
    domain: ERROR_DOMAIN,
    metadata: { ...extras.metadata },
  });
  return new RpcError(code, message, [info, ...(extras.details ?? [])], { cause: extras.cause });
}

/** Packs one detail. */
export function detail<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Any {
  return anyPack(schema, create(schema, init));
}

/** INVALID_ARGUMENT with the fields that are wrong; the first one leads the message. */
export function invalid(violations: readonly FieldViolation[], reason: Reason = "FIELD_INVALID"): RpcError {
  const first = violations[0] ?? { field: "", description: "the request is not valid" };
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : "";
  const message = `${first.field === "" ? "" : `${first.field}: `}${first.description}${more}`;
  const fieldViolations = violations.map((one) => ({ field: one.field, description: one.description }));
  return rpcError(Code.INVALID_ARGUMENT, reason, message, {
    metadata: { field: first.field },
    details: [detail(BadRequestSchema, { fieldViolations })],
  });
}

/** INVALID_ARGUMENT for one field. */
export function invalidField(field: string, description: string, reason?: Reason): RpcError {
  return invalid([{ field, description }], reason);
}

/** NOT_FOUND for a resource that does not exist, or is another client's: nobody can tell which. */
export function notFound(kind: string, id: string): RpcError {
  return rpcError(Code.NOT_FOUND, "RESOURCE_NOT_FOUND", `no ${kind} ${JSON.stringify(id)}`, {
    metadata: { kind, id },
    details: [detail(ResourceInfoSchema, { resourceType: kind, resourceName: id })],
  });
}

/** RESOURCE_EXHAUSTED; with a delay clients may come again after it. */
export function exhausted(
  reason: Reason,
  message: string,
  extras: ErrorExtras & { readonly retrySeconds?: number } = {},
): RpcError {
  const { retrySeconds, ...rest } = extras;
  const details = retrySeconds === undefined ? [] : [retryAfter(retrySeconds)];
  return rpcError(Code.RESOURCE_EXHAUSTED, reason, message, {
    ...rest,
    details: [...details, ...(rest.details ?? [])],
  });
}

/** RESOURCE_EXHAUSTED for a quota of a UTC day. */
export function quotaExceeded(subject: string, description: string, retrySeconds: number): RpcError {
  return exhausted("QUOTA_EXCEEDED", `quota of the day is spent: ${description}`, {
    retrySeconds,
    metadata: { subject },
    details: [detail(QuotaFailureSchema, { violations: [{ subject, description }] })],
  });
}

/** UNAVAILABLE: something that the service needs does not answer; clients may retry. */
export function unavailable(
  message: string,
  extras: ErrorExtras & { readonly reason?: Reason } = {},
): RpcError {
  const { reason, ...rest } = extras;
  return rpcError(Code.UNAVAILABLE, reason ?? "DEPENDENCY_DOWN", message, {
    ...rest,
    details: [retryAfter(1), ...(rest.details ?? [])],
  });
}

/** ABORTED: a stale etag, or a lost race; reading again and repeating may succeed. */
export function aborted(reason: Reason, message: string, extras?: ErrorExtras): RpcError {
  return rpcError(Code.ABORTED, reason, message, extras);
}

/** ALREADY_EXISTS. */
export function alreadyExists(reason: Reason, message: string, extras?: ErrorExtras): RpcError {
  return rpcError(Code.ALREADY_EXISTS, reason, message, extras);
}

/** FAILED_PRECONDITION: the request is right, but not in this state. */
export function failedPrecondition(reason: Reason, message: string, extras?: ErrorExtras): RpcError {
  return rpcError(Code.FAILED_PRECONDITION, reason, message, extras);
}

/** PERMISSION_DENIED: the caller is known and may not. */
export function permissionDenied(reason: Reason, message: string, extras?: ErrorExtras): RpcError {
  return rpcError(Code.PERMISSION_DENIED, reason, message, extras);
}

/** UNAUTHENTICATED: nobody knows who asks. */
export function unauthenticated(reason: Reason, message: string, extras?: ErrorExtras): RpcError {
  return rpcError(Code.UNAUTHENTICATED, reason, message, extras);
}

/** OUT_OF_RANGE: past the end. */
export function outOfRange(reason: Reason, message: string, extras?: ErrorExtras): RpcError {
  return rpcError(Code.OUT_OF_RANGE, reason, message, extras);
}

/** DATA_LOSS: stored bytes are not what they were. */
export function dataLoss(message: string, extras?: ErrorExtras): RpcError {
  return rpcError(Code.DATA_LOSS, "DATA_DAMAGED", message, extras);
}

/** INTERNAL: our fault; callers see no more than that, the cause goes to the log. */
export function internal(cause: unknown): RpcError {
  return rpcError(Code.INTERNAL, "INTERNAL", "internal error", { cause });
}

/** UNIMPLEMENTED: no such method here. */
export function unknownMethod(path: string): RpcError {
  return rpcError(Code.UNIMPLEMENTED, "METHOD_UNKNOWN", `no method ${path}`, { metadata: { method: path } });
}

/** CANCELLED: the caller is gone, or has called it off. */
export function cancelled(message = "the call was cancelled", extras?: ErrorExtras): RpcError {
  return rpcError(Code.CANCELLED, "CALL_CANCELLED", message, extras);
}

/** DEADLINE_EXCEEDED. */
export function deadlineExceeded(message = "the deadline has passed", extras?: ErrorExtras): RpcError {
  return rpcError(Code.DEADLINE_EXCEEDED, "DEADLINE_PASSED", message, extras);
}

/** RESOURCE_EXHAUSTED for a stream whose reader took nothing for so long. */
export function slowReader(ms: number): RpcError {
  return exhausted("SLOW_CONSUMER", `the reader took nothing for ${ms / 1000} s`);
}

/** UNAVAILABLE, because the process is stopping; clients may retry. */
export function shuttingDown(): RpcError {
  return unavailable("the process is stopping; try again", { reason: "SHUTTING_DOWN" });
}

/** A RetryInfo. */
export function retryAfter(seconds: number): Any {
  const whole = Math.floor(seconds);
  const nanos = Math.round((seconds - whole) * 1e9);
  return detail(RetryInfoSchema, { retryDelay: { seconds: BigInt(whole), nanos } });
}

/** Any thrown value as an RpcError: aborts become CANCELLED, time-outs DEADLINE_EXCEEDED, the rest INTERNAL. */
export function asRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const name = error instanceof Error ? error.name : "";
  if (name === "AbortError") {
    // The reason of a signal of ours is an RpcError already.
    return error instanceof Error && error.cause instanceof RpcError
      ? error.cause
      : cancelled(undefined, { cause: error });
  }
  if (name === "TimeoutError") return deadlineExceeded(undefined, { cause: error });
  return internal(error);
}

/** The first detail of a type, or undefined; one that does not decode counts as absent. */
export function findDetail<D extends DescMessage>(error: RpcError, schema: D): MessageShape<D> | undefined {
  for (const any of error.details) {
    try {
      const found = anyUnpack(any, schema);
      if (found !== undefined) return found;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** The reason of an error, such as "QUEUE_FULL"; undefined if it has none. */
export function reasonOf(error: RpcError): string | undefined {
  return findDetail(error, ErrorInfoSchema)?.reason;
}

/** After how many seconds the caller may come again; undefined if the error does not say. */
export function retrySecondsOf(error: RpcError): number | undefined {
  const delay = findDetail(error, RetryInfoSchema)?.retryDelay;
  return delay === undefined ? undefined : Number(delay.seconds) + delay.nanos / 1e9;
}

/** The error as a message. */
export function statusFromError(error: RpcError): Status {
  return create(StatusSchema, { code: error.code, message: error.message, details: [...error.details] });
}

/** A message as the error it stands for. */
export function errorFromStatus(status: Status): RpcError {
  return new RpcError(codeFromNumber(status.code), status.message, status.details);
}

/** The error as bytes of google.rpc.Status, for `grpc-status-details-bin` and for borders inside a process. */
export function statusBytes(error: RpcError): Uint8Array {
  return toBinary(StatusSchema, statusFromError(error));
}

/** Bytes of google.rpc.Status as the error they stand for; throws if they do not decode. */
export function errorFromStatusBytes(bytes: Uint8Array): RpcError {
  return errorFromStatus(fromBinary(StatusSchema, bytes));
}

/** Copies what may cross a border: code, message and details. */
export function freshError(error: RpcError): RpcError {
  const details = error.details.map((any) =>
    create(AnySchema, { typeUrl: any.typeUrl, value: any.value.slice() }),
  );
  return new RpcError(error.code, error.message, details);
}
