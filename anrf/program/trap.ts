import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";

/**
 * Ends a run without a value. Thrown inside an engine only; every engine turns it into a result. It is no
 * Error: programs trap by the million during search, and a stack trace would cost more than the run.
 */
export class TrapSignal {
  /** Why the run ended. */
  readonly code: TrapCode;
  /** What the program did, for people. */
  readonly message: string;

  /** A trap of that code. */
  constructor(code: TrapCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** Throws OVERFLOW for the operation. */
export function overflow(operation: string): never {
  throw new TrapSignal(TrapCode.OVERFLOW, `${operation} leaves the signed 64-bit range`);
}

/** Throws INVALID: an argument outside the operation's domain. */
export function invalid(message: string): never {
  throw new TrapSignal(TrapCode.INVALID, message);
}

/** Throws INDEX. */
export function outOfRange(operation: string, index: number | bigint, length: number): never {
  throw new TrapSignal(TrapCode.INDEX, `${operation}: index ${index} is outside a list of ${length}`);
}

/** The short name of a code: `OVERFLOW`. */
export function trapName(code: TrapCode): string {
  const found = Object.entries(TrapCode).find(([, number]) => number === code);
  return found?.[0] ?? `TRAP_${code}`;
}
