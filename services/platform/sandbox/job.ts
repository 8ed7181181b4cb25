/** What a job may do beside computing. */
export interface JobControl {
  /** Whether the caller wants no more: look often, return early with what there is. It costs one atomic load. */
  stopped(): boolean;
  /** Sends something to the caller before the end; the bytes belong to the caller afterwards. */
  send(message: Uint8Array): void;
  /**
   * The next thing that the caller fed, in order. It blocks the worker until there is one, for `waitMs` at most or until
   * the job is told to stop; then it gives undefined.
   */
  receive(waitMs: number): Uint8Array | undefined;
}

/**
 * The `run` that a service's `job.ts` exports. It runs in a worker that can be ended at any time, reads no file
 * outside of the code, no environment, and may be run again from the start after a loss: no effects. What it throws
 * reaches the caller as a SandboxError FAILED, so faults of a program or a request are better told in the bytes.
 */
export type RunJob = (
  kind: string,
  payload: Uint8Array,
  control: JobControl,
) => Uint8Array | Promise<Uint8Array>;
