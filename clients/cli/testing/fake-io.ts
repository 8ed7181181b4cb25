import type { Io } from "../io.ts";
import { main } from "../main.ts";

/** What a command line left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What stands around a command line in a test. */
export interface Around {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly terminal?: boolean;
  /** Gets what sends a signal to the command. */
  readonly signals?: (send: (signal: "SIGINT" | "SIGTERM") => void) => void;
  /** Called with everything that is written. */
  readonly heard?: (text: string) => void;
}

/** Runs a command line in this process; nothing of the machine's own configuration is seen. */
export async function runCli(argv: readonly string[], around: Around = {}): Promise<Ran> {
  let out = "";
  let err = "";
  const listeners = new Set<(signal: "SIGINT" | "SIGTERM") => void>();
  const exited = Promise.withResolvers<number>();
  around.signals?.((signal) => {
    for (const listener of listeners) listener(signal);
  });
  const hear = (text: string): string => {
    around.heard?.(text);
    return text;
  };
  const io: Io = {
    env: { HOME: "/nonexistent", PATH: process.env["PATH"], ...around.env },
    out: (data) => {
      out += hear(typeof data === "string" ? data : Buffer.from(data).toString("latin1"));
    },
    err: (text) => {
      err += hear(text);
    },
    read: async () => Buffer.from(around.stdin ?? ""),
    ask: async () => around.stdin?.trim() ?? "",
    inputIsTerminal: around.terminal ?? false,
    outputIsTerminal: around.terminal ?? false,
    errorIsTerminal: around.terminal ?? false,
    columns: 100,
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exit: (code) => exited.resolve(code),
  };
  const code = await Promise.race([main(argv, io), exited.promise]);
  return { code, out, err };
}
