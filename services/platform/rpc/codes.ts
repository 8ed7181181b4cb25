/** The gRPC status codes, by name. */
export const Code = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** A gRPC status code, 0 to 16. */
export type Code = (typeof Code)[keyof typeof Code];

/** The name of a code, as REST's `code` shows it. */
export type CodeName = keyof typeof Code;

/** The HTTP status that both gateways answer for a code. */
export const HTTP_STATUS: Readonly<Record<CodeName, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

const NAMES = new Map<number, CodeName>(Object.entries(Code).map(([name, code]) => [code, name as CodeName]));

/** The name of a code; UNKNOWN for a number that is none. */
export function codeName(code: number): CodeName {
  return NAMES.get(code) ?? "UNKNOWN";
}

/** The code of a number from the wire; UNKNOWN for a number that is none. */
export function codeFromNumber(code: number): Code {
  return Code[codeName(code)];
}

/** The HTTP status of a code. */
export function httpStatus(code: number): number {
  return HTTP_STATUS[codeName(code)];
}
