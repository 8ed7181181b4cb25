import { writeSync } from "node:fs";
import { buffer } from "node:stream/consumers";

/** All that a command knows of the process around it. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Data. */
  out(data: string | Uint8Array): void;
  /** Everything else. */
  err(text: string): void;
  /** All of stdin. */
  read(): Promise<Uint8Array>;
  /** One line of stdin, after a question on stderr. */
  ask(question: string): Promise<string>;
  readonly inputIsTerminal: boolean;
  readonly errorIsTerminal: boolean;
  readonly outputIsTerminal: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Calls back on SIGINT and SIGTERM until the returned function is called; without it they end the process. */
  onSignal(heard: (signal: "SIGINT" | "SIGTERM") => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** The real one. */
export function processIo(): Io {
  // `anrf list | head` ends the pipe early; that is no fault of ours.
  process.stdout.on("error", () => process.exit(0));
  return {
    env: process.env,
    out: (data) => writeAll(1, typeof data === "string" ? Buffer.from(data) : data),
    err: (text) => writeAll(2, Buffer.from(text)),
    read: () => buffer(process.stdin),
    ask,
    inputIsTerminal: process.stdin.isTTY === true,
    errorIsTerminal: process.stderr.isTTY === true,
    outputIsTerminal: process.stdout.isTTY === true,
    columns: process.stderr.columns || 80,
    onSignal: (heard) => {
      const interrupted = (): void => heard("SIGINT");
      const terminated = (): void => heard("SIGTERM");
      process.on("SIGINT", interrupted).on("SIGTERM", terminated);
      return () => process.off("SIGINT", interrupted).off("SIGTERM", terminated);
    },
    exit: (code) => process.exit(code),
  };
}

// Synchronous, so that nothing is lost when the process exits with a code right after.
function writeAll(fd: number, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) {
    try {
      at += writeSync(fd, data, at);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      // A pipe that is full for the moment.
      if (code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      else if (code === "EPIPE") process.exit(0);
      else throw error;
    }
  }
}

function ask(question: string): Promise<string> {
  process.stderr.write(question);
  return new Promise((resolve) => {
    let text = "";
    const end = (): void => {
      process.stdin.off("data", more).off("end", end).pause();
      resolve(text.split("\n")[0]?.trim() ?? "");
    };
    const more = (chunk: Buffer): void => {
      text += chunk.toString("utf8");
      if (text.includes("\n")) end();
    };
    process.stdin.on("data", more).once("end", end);
  });
}
