import { hasCode } from "./folder-layout.ts";

// SQLSTATE classes and codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
const UNIQUE_VIOLATION = "23505";
const FOREIGN_KEY_VIOLATION = "23503";
const RETRYABLE = ["40001", "40P01"];
const UNAVAILABLE = ["53300", "57P01", "57P02", "57P03", "57P05", "25P03"];
const NETWORK = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENOENT",
];
const DISK_FULL = "53100";

// pg reports these without a code.
const LOST =
  /connection terminated|timeout exceeded when trying to connect|connection error|after calling end|not queryable/i;

/** Whether the server was silent for longer than any statement may take: nobody knows what became of the query. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && !("severity" in error) && error.message === "Query read timeout";
}

/** Whether an insert or update met an existing row of a unique index (of this one, if named). */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return hasCode(error, UNIQUE_VIOLATION) && (constraint === undefined || constraintOf(error) === constraint);
}

/** Whether a row names another that does not exist, or is still named by one (by this constraint, if given). */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  return (
    hasCode(error, FOREIGN_KEY_VIOLATION) && (constraint === undefined || constraintOf(error) === constraint)
  );
}

/** Whether the same transaction may succeed when it is run again at once. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE.some((code) => hasCode(error, code));
}

/** Whether the database could not be reached or is going away: not the fault of the query. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.some(isUnavailable)) return true;
  if (error instanceof Error && isUnavailable(error.cause)) return true;
  if ([...UNAVAILABLE, ...NETWORK].some((code) => hasCode(error, code))) return true;
  if (sqlState(error)?.startsWith("08") || isSilence(error)) return true;
  return error instanceof Error && !("severity" in error) && LOST.test(error.message);
}

/** Whether the server has no disk space left. */
export function isDiskFull(error: unknown): boolean {
  return hasCode(error, DISK_FULL) || hasCode(error, "ENOSPC");
}

function constraintOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "constraint" in error ? error.constraint : undefined;
}

function sqlState(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
