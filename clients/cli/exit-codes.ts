import { Code } from "@connectrpc/connect";

/** Exit codes that are no gRPC status. */
export const EXIT = {
  OK: 0,
  FAULT: 1,
  USAGE: 2,
  CHECK_FAILED: 3,
  NO_KEY: 4,
  ABSTAINED: 5,
  TRAP: 6,
  LIMIT: 7,
  DIFFERS: 8,
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

/** A gRPC status is shown as 64 + its number. */
export const EXIT_RPC = 64;

/** Name of a gRPC status, as REST writes it. */
export function statusName(code: number): string {
  return STATUS_NAMES[code] ?? "UNKNOWN";
}

const STATUS_NAMES: Readonly<Record<number, string>> = {
  [Code.Canceled]: "CANCELLED",
  [Code.Unknown]: "UNKNOWN",
  [Code.InvalidArgument]: "INVALID_ARGUMENT",
  [Code.DeadlineExceeded]: "DEADLINE_EXCEEDED",
  [Code.NotFound]: "NOT_FOUND",
  [Code.AlreadyExists]: "ALREADY_EXISTS",
  [Code.PermissionDenied]: "PERMISSION_DENIED",
  [Code.ResourceExhausted]: "RESOURCE_EXHAUSTED",
  [Code.FailedPrecondition]: "FAILED_PRECONDITION",
  [Code.Aborted]: "ABORTED",
  [Code.OutOfRange]: "OUT_OF_RANGE",
  [Code.Unimplemented]: "UNIMPLEMENTED",
  [Code.Internal]: "INTERNAL",
  [Code.Unavailable]: "UNAVAILABLE",
  [Code.DataLoss]: "DATA_LOSS",
  [Code.Unauthenticated]: "UNAUTHENTICATED",
};

/** Every exit code with its meaning, in order: help and docs print it. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.OK, "done; a WARN is 0 unless --fail-on warn"],
  [EXIT.FAULT, "a fault of the command line itself, a failed doctor, or a platform that does not start"],
  [EXIT.USAGE, "usage: an unknown flag, an unreadable file, a malformed example; found before any call"],
  [EXIT.CHECK_FAILED, "a check says FAIL (verify, generate --require)"],
  [EXIT.NO_KEY, "no usable API key or profile; found before any call"],
  [EXIT.ABSTAINED, "nothing was accepted (the reason is on stderr), or confidence below --min-confidence"],
  [EXIT.TRAP, "the program trapped"],
  [EXIT.LIMIT, "the sandbox's fuel, memory, depth, time or output limit"],
  [EXIT.DIFFERS, "what callers rely on differs (diff; with --exit-code: anything differs)"],
  ...Object.entries(STATUS_NAMES).map(
    ([code, name]) => [EXIT_RPC + Number(code), `the server says ${name}`] as const,
  ),
  [EXIT.INTERRUPTED, "interrupted (Ctrl-C)"],
  [EXIT.TERMINATED, "terminated"],
];

/** Traps that are limits of the sandbox. */
const LIMIT_TRAPS: ReadonlySet<string> = new Set(["FUEL", "MEMORY", "DEPTH", "TIME", "OUTPUT"]);

/** The exit code of a trap. */
export function trapExit(trap: string): number {
  return LIMIT_TRAPS.has(trap) ? EXIT.LIMIT : EXIT.TRAP;
}
