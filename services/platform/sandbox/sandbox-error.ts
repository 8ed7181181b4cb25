/**
 * TIME: over its wall limit. MEMORY: its worker ran out of heap. FAILED: the job threw. LOST: its worker or child was
 * lost twice, or none can be started. BUSY: the queue is full. CLOSED: the sandbox is being disposed.
 */
export type SandboxErrorCode = "TIME" | "MEMORY" | "FAILED" | "LOST" | "BUSY" | "CLOSED";

/** Why a job has no result. */
export class SandboxError extends Error {
  readonly code: SandboxErrorCode;
  /** For BUSY: when another try is worth while. */
  readonly retryAfterMs: number;

  constructor(code: SandboxErrorCode, message: string, retryAfterMs = 0) {
    super(message);
    this.name = "SandboxError";
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
