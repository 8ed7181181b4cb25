import { loadCommand } from "./commands.ts";
import { EXIT } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { verbHelp } from "./help.ts";
import type { Io } from "./io.ts";
import { type Format, formatOf, writeFailure } from "./output.ts";
import { parse } from "./parse.ts";

/** Runs one command line; resolves with its exit code, never rejects. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let format: Format = askedFormat(argv);
  try {
    const input = parse(argv, io.env);
    format = formatOf(input.flags);
    if (input.flags.has("help")) {
      io.out(verbHelp(input.verb));
      return EXIT.OK;
    }
    const run = await loadCommand(input.verb.name);
    return await run(input, io);
  } catch (error) {
    if (error instanceof Failure) {
      writeFailure(io, format, error);
      return error.exit;
    }
    io.err(`anrf: a fault of the command line: ${error instanceof Error ? error.stack : String(error)}\n`);
    return EXIT.FAULT;
  }
}

// A command line that does not parse still says how its error is to be shown.
function askedFormat(argv: readonly string[]): Format {
  const asked = argv.some(
    (word, index) =>
      /^(?:-o|--output)=?json|^-ojson/.test(word) ||
      (/^(?:-o|--output)$/.test(word) && /^json/.test(argv[index + 1] ?? "")),
  );
  return asked ? "json" : "text";
}
