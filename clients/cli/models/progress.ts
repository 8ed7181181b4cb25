import type { Io } from "../io.ts";
import type { Flags } from "../parse.ts";

/** Tells how far long work is, on stderr. */
export interface Progress {
  /** Begins a step of so many bytes (0: unknown); the function takes what was done since. */
  begin(what: string, bytes: number): (done: number) => void;
}

const MIB = 1024 * 1024;
/** Less is not worth a word. */
const LEAST = 8 * MIB;

/** On a terminal one line that changes; elsewhere a line at each tenth; nothing for small work or `-o none`. */
export function createProgress(io: Io, flags: Flags): Progress {
  const isQuiet = flags.text("output") === "none";
  return {
    begin: (what, bytes) => {
      let sum = 0;
      let told = -1;
      return (done) => {
        sum += done;
        if (isQuiet || Math.max(bytes, sum) < LEAST) return;
        const part =
          bytes === 0
            ? Math.floor(sum / (64 * MIB))
            : Math.floor((sum / bytes) * (io.errorIsTerminal ? 100 : 10));
        if (part === told) return;
        told = part;
        const text = `${what}: ${Math.floor(sum / MIB)}${bytes === 0 ? "" : ` of ${Math.floor(bytes / MIB)}`} MiB`;
        const isLast = bytes > 0 && sum >= bytes;
        io.err(io.errorIsTerminal ? `\r${text}${isLast ? "\n" : ""}` : `${text}\n`);
      };
    },
  };
}
