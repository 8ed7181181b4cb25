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
    // Written in batches: a system call a line would cost more than the line. What waits is written before an exit.
    options.destination ?? pino.destination({ fd: 1, sync: false, minLength: 16_000, periodicFlush: 100 }),
  );
}

/** The same logger without censoring, for lines whose fields are known to be harmless: it costs a third. */
export function plainLogger(log: Logger): Logger {
  return log.child({}, { redact: [] });
}
