import type { DescMessage, JsonValue, MessageShape } from "@bufbuild/protobuf";
import { safe, safeLine } from "./escape.ts";
import { bodyOf, type Failure } from "./failure.ts";
import type { Io } from "./io.ts";
import { jsonOf } from "./json.ts";
import type { Flags } from "./parse.ts";

/** What stdout gets. */
export type Format = "text" | "json" | "jsonl" | "none";

/** The format that the flags ask for. */
export function formatOf(flags: Flags): Format {
  const named = flags.text("output");
  if (named === "json" || named === "jsonl" || named === "none") return named;
  return flags.has("json") ? "json" : "text";
}

/** Writes one answer: its text, its JSON, or nothing. */
export function writeAnswer<D extends DescMessage>(
  io: Io,
  format: Format,
  schema: D,
  message: MessageShape<D>,
  text: () => string,
): void {
  if (format === "text") io.out(withBreak(safe(text())));
  else writeJson(io, format, jsonOf(schema, message));
}

/** Writes several answers: a JSON array, or one a line; in text a table. */
export function writeList<D extends DescMessage>(
  io: Io,
  format: Format,
  schema: D,
  messages: readonly MessageShape<D>[],
  row: (message: MessageShape<D>) => readonly string[],
): void {
  if (format === "text") io.out(table(messages.map(row)));
  else if (format === "json")
    writeJson(
      io,
      format,
      messages.map((message) => jsonOf(schema, message)),
    );
  else for (const message of messages) writeJson(io, format, jsonOf(schema, message));
}

/** Writes a JSON value in the format. */
export function writeJson(io: Io, format: Format, value: JsonValue): void {
  if (format === "none") return;
  io.out(`${format === "jsonl" ? JSON.stringify(value) : JSON.stringify(value, null, 2)}\n`);
}

/** Writes a failure to stderr: three lines, or the body of REST. */
export function writeFailure(io: Io, format: Format, failure: Failure): void {
  if (format === "json" || format === "jsonl") {
    io.err(`${JSON.stringify(bodyOf(failure))}\n`);
    return;
  }
  io.err(`anrf: ${safe(failure.message)}\n`);
  if (failure.why !== "") io.err(`  why: ${safe(failure.why)}\n`);
  if (failure.fix !== "") io.err(`  try: ${safe(failure.fix)}\n`);
}

/** Columns that line up, two blanks between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map((cell) => safeLine(cell)));
  const widths: number[] = [];
  for (const row of clean) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  return clean.map((row) => `${line(row)}\n`).join("");
}

/** Bold, dim and colours for a terminal; the text as it is elsewhere. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
}

/** Paint for stdout or stderr by --color, NO_COLOR, FORCE_COLOR, CI and whether a terminal looks. */
export function paintFor(flags: Flags, io: Io, terminal: boolean): Paint {
  const when = flags.text("color") ?? "auto";
  const forced = io.env["FORCE_COLOR"] !== undefined && io.env["FORCE_COLOR"] !== "0";
  const on =
    when === "always" || (when === "auto" && !io.env["NO_COLOR"] && (forced || (terminal && !io.env["CI"])));
  const wrap = (open: number, close: number) => (text: string) =>
    on ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    red: wrap(31, 39),
  };
}

function withBreak(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
