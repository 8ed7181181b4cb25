import { CODES, codeRow } from "#anrf/diagnose/codes.ts";
import { codeIndex, codePage } from "#anrf/diagnose/page.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { formatOf, writeJson } from "../output.ts";
import { nearest } from "../suggest.ts";

/** Prints the page of a diagnostic, or the list of all. */
export const run: Command = async ({ args, flags }, io) => {
  const [code] = args;
  const format = formatOf(flags);
  if (code === undefined) {
    if (format === "text") io.out(codeIndex());
    else
      writeJson(
        io,
        format,
        CODES.map((row) => ({ code: row.code, cause: row.cause, advice: row.advice })),
      );
    return EXIT.OK;
  }
  const row = codeRow(code);
  if (row === undefined) {
    const near = nearest(
      code,
      CODES.map((one) => one.code.toLowerCase()),
    )?.toUpperCase();
    throw usage(
      `cannot explain ${JSON.stringify(code)}`,
      "there is no such diagnostic",
      near === undefined ? "anrf explain" : `did you mean "anrf explain ${near}"?`,
    );
  }
  const page = codePage(row);
  if (format === "text") io.out(page);
  else writeJson(io, format, { code: row.code, cause: row.cause, advice: row.advice, page });
  return EXIT.OK;
};
