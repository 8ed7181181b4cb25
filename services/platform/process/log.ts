import { type DestinationStream, type Logger as PinoLogger, pino } from "pino";

/** A pino logger: `log.info({ fields }, "message")`. */
export type Logger = PinoLogger;

/** From silent to chatty. */
export const LOG_LEVELS = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;

/** How a process logs. */
export interface LogOptions {
  readonly level?: (typeof LOG_LEVELS)[number];
  /** Standard output by default. */
  readonly destination?: DestinationStream;
}

// What must never reach a log, wherever somebody puts it: keys and secrets, and what people write.
const SECRET = [
  "key",
  "apiKey",
  "secret",
  "password",
  "token",
  "authorization",
  "cookie",
  "x-api-key",
  "inputText",
  "artifact",
  "inputs",
  "output",
];

/** Makes a logger that writes one JSON object a line, with secrets and people's texts censored. */
export function createLogger(options: LogOptions = {}): Logger {
  return pino(
    {
      level: options.level ?? "info",
      base: { pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET.flatMap((name) => {
          const part = name.includes("-") ? `["${name}"]` : name;
          return [part, name.includes("-") ? `*${part}` : `*.${part}`];
        }),
        censor: "[redacted]",
      },
    },
    options.destination ?? batchedOutput(),
  );
}

const BATCH_LENGTH = 16_000;
const BATCH_MS = 100;
let output: DestinationStream | undefined;

/**
 * Standard output, written in batches: a system call a line would cost more than the line, and pino's own batches
 * measure all that waits at each line. What waits is written before an exit.
 */
function batchedOutput(): DestinationStream {
  if (output !== undefined) return output;
  let waiting = "";
  let timer: NodeJS.Timeout | undefined;
  const pass = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = waiting;
    waiting = "";
    if (text !== "") stdout.write(text);
  };
  // Before the destination's own listener, which writes what it was given.
  process.on("exit", pass);
  const stdout = pino.destination({ fd: 1, sync: false });
  output = {
    write: (line) => {
      waiting += line;
      if (waiting.length >= BATCH_LENGTH) pass();
      else timer ??= setTimeout(pass, BATCH_MS).unref();
    },
  };
  return output;
}

/** Writes one line at level info; the fields are strings and numbers. */
export type InfoLine = (
  fields: Readonly<Record<string, string | number | null | undefined>>,
  message: string,
) => void;

/**
 * The shortest way to a line, for what is logged at every call: the form is that of the logger, the fields are known to
 * be harmless, and nothing else of pino takes part.
 */
export function infoLines(log: Logger): InfoLine {
  const inside = log as unknown as Readonly<Record<symbol, unknown>>;
  const stream = inside[pino.symbols.streamSym] as DestinationStream;
  const bindings = String(inside[pino.symbols.chindingsSym]);
  return (fields, message) => {
    if (!log.isLevelEnabled("info")) return;
    const json = JSON.stringify(fields);
    stream.write(
      `{"level":"info","time":${Date.now()}${bindings},${json.slice(1, -1)},"msg":${JSON.stringify(message)}}\n`,
    );
  };
}

/** A logger bound to one call. Every call has one and few use it, so it is made with less ado than pino's `child`. */
export function callLogger(log: Logger, requestId: string, traceId: string): Logger {
  const bindings = (log as unknown as Readonly<Record<symbol, unknown>>)[pino.symbols.chindingsSym];
  const child: Record<symbol, unknown> = Object.create(log);
  child[pino.symbols.chindingsSym] = `${bindings},${JSON.stringify({ requestId, traceId }).slice(1, -1)}`;
  return child as unknown as Logger;
}
