import type { Io } from "./io.ts";
import type { Input } from "./parse.ts";

/** Does what a verb says; resolves with the exit code, or throws a Failure. */
export type Command = (input: Input, io: Io) => Promise<number>;
