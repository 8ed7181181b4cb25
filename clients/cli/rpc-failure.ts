import { create, toJson } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  HelpSchema,
  RetryInfoSchema,
} from "#gen/google/rpc/error_details_pb.ts";
import type { Status } from "#gen/google/rpc/status_pb.ts";
import { EXIT_RPC, statusName } from "./exit-codes.ts";
import { type ErrorBody, Failure } from "./failure.ts";
import { REGISTRY } from "./json.ts";

/** What to do about a reason; those that are missing speak for themselves. */
const ADVICE: Readonly<Record<string, string>> = {
  KEY_MISSING: "set ANRF_API_KEY_FILE, or use --api-key-file",
  KEY_UNKNOWN: "use a key of this platform: anrf keys create, or its keys/first-key file",
  KEY_EXPIRED: "make a new key: anrf keys create NAME",
  KEY_REVOKED: "make a new key: anrf keys create NAME",
  SCOPE_MISSING: "use a key with that scope: anrf keys create NAME --scopes …",
  RESOURCE_NOT_FOUND: "see what there is: anrf list",
  INTENT_EMPTY: 'say what the function should do: anrf "…", or give --example or --signature',
  EXAMPLES_CONTRADICT: "leave one of the examples out",
  INPUT_TYPE_MISMATCH: "see the signature: anrf show ID",
  VERSION_OUT_OF_RANGE: "see the versions: anrf show ID",
  ETAG_MISMATCH: "read it again, then repeat the change",
  PROMOTION_REFUSED:
    "import the version again with a report card over the bars: anrf model import … --report @FILE",
  MODEL_IN_USE: "see the aliases: anrf model show NAME",
  BLOB_MISSING: "upload the files again: anrf model import",
  RATE_LIMITED: "wait a moment, or use a key of a higher tier",
  DEADLINE_PASSED: "give it more time by --timeout",
  DEADLINE_TOO_SHORT: "give it more time by --timeout",
  GENERATION_ORPHANED: "run it again",
  SHUTTING_DOWN: "run it again when the platform is back: anrf status",
};

const ADVICE_BY_CODE: Readonly<Partial<Record<Code, string>>> = {
  [Code.Unavailable]: "see whether it runs: anrf status",
  [Code.Internal]: "see the log: anrf logs",
  [Code.DeadlineExceeded]: "give it more time by --timeout",
};

/** A refusal by the platform as the failure of a command; `what` says what could not be done, to what. */
export function rpcFailure(what: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const known = ConnectError.from(error);
  const info = known.findDetails(ErrorInfoSchema)[0];
  const reason = info?.reason ?? "";
  const retry = known.findDetails(RetryInfoSchema)[0]?.retryDelay;
  const fields = known.findDetails(BadRequestSchema)[0]?.fieldViolations ?? [];
  const places = fields.map((one) => `${one.field}: ${one.description}`).slice(0, 5);
  const message = unreachable(known) ?? known.rawMessage;
  const head = [statusName(known.code), reason].filter((part) => part !== "").join(" ");
  const why = [`${message} (${head})`, ...places.filter((place) => !message.includes(place))].join("; ");
  const fix =
    retry === undefined
      ? (ADVICE[reason] ??
        known.findDetails(HelpSchema)[0]?.links[0]?.url ??
        ADVICE_BY_CODE[known.code] ??
        "")
      : `try again in ${Number(retry.seconds) + Math.ceil(retry.nanos / 1e9)} s`;
  return new Failure(EXIT_RPC + known.code, what, why, fix, bodyOf(known, message));
}

/** The status of a failed generation as the failure of a command. */
export function statusFailure(what: string, status: Status | undefined): Failure {
  const error = new ConnectError(status?.message ?? "the generation failed", status?.code ?? Code.Unknown);
  error.details = (status?.details ?? []).map((any) => ({
    type: any.typeUrl.split("/").at(-1) ?? "",
    value: any.value,
  }));
  return rpcFailure(what, error);
}

// Node's words for a refused connection name neither what was called nor why.
function unreachable(error: ConnectError): string | undefined {
  const cause = error.cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ECONNREFUSED") return "nothing listens at the address";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the host name of the address is not known";
  return undefined;
}

function bodyOf(error: ConnectError, message: string): ErrorBody {
  return {
    error: message,
    code: statusName(error.code),
    details: error.details.map(detailOf),
    requestId: error.metadata.get("x-request-id"),
  };
}

function detailOf(detail: ConnectError["details"][number]): unknown {
  if (!("type" in detail)) return {};
  const typeUrl = `type.googleapis.com/${detail.type}`;
  try {
    const any = create(AnySchema, { typeUrl, value: detail.value });
    return toJson(AnySchema, any, { registry: REGISTRY, alwaysEmitImplicit: true });
  } catch {
    return { "@type": typeUrl };
  }
}
