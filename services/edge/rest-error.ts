import { type Registry, toJson } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { Code, codeName, httpStatus } from "#platform/rpc/codes.ts";
import { type RpcError, reasonOf, retrySecondsOf } from "#platform/rpc/error.ts";

/** The one form of an error over REST. */
export interface RestError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An error as REST shows it; `requestId` is null where the request was refused before it had one. */
export function restError(error: RpcError, requestId: string | null, registry: Registry): RestError {
  const retry = retrySecondsOf(error);
  const body = {
    error: error.message,
    code: codeName(error.code),
    details: error.details.map((any) => detailJson(any, registry)),
    requestId,
  };
  return {
    status:
      reasonOf(error) === "MESSAGE_TOO_LARGE"
        ? 413
        : reasonOf(error) === "HEADERS_TOO_LARGE"
          ? 431
          : httpStatus(error.code),
    headers: {
      "content-type": "application/json",
      ...(error.code === Code.UNAUTHENTICATED ? { "www-authenticate": 'Bearer realm="anrf"' } : {}),
      ...(retry === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(retry))) }),
    },
    body: JSON.stringify(body),
  };
}

/** A detail of a type that this build does not know is named, not shown. */
function detailJson(any: Parameters<typeof toJson<typeof AnySchema>>[1], registry: Registry): unknown {
  try {
    return toJson(AnySchema, any, { registry, alwaysEmitImplicit: true });
  } catch {
    return { "@type": any.typeUrl };
  }
}
