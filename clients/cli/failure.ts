import { EXIT } from "./exit-codes.ts";

/** Why a command ends without its result: three lines for people, an exit code for scripts. */
export class Failure extends Error {
  readonly exit: number;
  /** The reason; empty if the first line says it all. */
  readonly why: string;
  /** What to do; empty if there is nothing to advise. */
  readonly fix: string;
  /** The error as REST shows it, if the platform raised it. */
  readonly body: ErrorBody | undefined;

  constructor(exit: number, what: string, why = "", fix = "", body?: ErrorBody) {
    super(what);
    this.exit = exit;
    this.why = why;
    this.fix = fix;
    this.body = body;
  }
}

/** The one form of an error in JSON. */
export interface ErrorBody {
  readonly error: string;
  readonly code: string;
  readonly details: readonly unknown[];
  readonly requestId: string | null;
}

/** A mistake of the command line, found before any call. */
export function usage(what: string, why = "", fix = ""): Failure {
  return new Failure(EXIT.USAGE, what, why, fix);
}

/** The failure as JSON. */
export function bodyOf(failure: Failure): ErrorBody {
  if (failure.body !== undefined) return failure.body;
  const code =
    failure.exit === EXIT.USAGE
      ? "INVALID_ARGUMENT"
      : failure.exit === EXIT.NO_KEY
        ? "UNAUTHENTICATED"
        : "INTERNAL";
  const error = failure.why === "" ? failure.message : `${failure.message}: ${failure.why}`;
  return { error, code, details: [], requestId: null };
}
