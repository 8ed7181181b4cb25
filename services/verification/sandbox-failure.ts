import { exhausted, type RpcError, unavailable } from "#platform/rpc/error.ts";
import type { SandboxError } from "#platform/sandbox/sandbox-error.ts";

/** What the caller is told where the sandbox could not work; what the work itself came to goes on as it is. */
export function sandboxFailure(error: SandboxError): RpcError | SandboxError {
  switch (error.code) {
    case "BUSY":
      return exhausted("EXECUTOR_BUSY", "the sandbox has no room for another check", {
        retrySeconds: error.retryAfterMs / 1000,
        cause: error,
      });
    case "LOST":
    case "CLOSED":
      return unavailable("the checks were lost twice; try again", { reason: "EXECUTOR_LOST", cause: error });
    case "TIME":
    case "MEMORY":
    case "FAILED":
      return error;
    default:
      throw new Error(`unreachable: ${error.code satisfies never}`);
  }
}
