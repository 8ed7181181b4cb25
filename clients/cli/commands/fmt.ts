import { writeFile } from "node:fs/promises";
import { showDiagnostic } from "#anrf/diagnose/show.ts";
import { DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, usage } from "../failure.ts";
import type { Io } from "../io.ts";
import { readSource, type Source } from "../source.ts";

/** Prints programs in canonical layout, writes them back, or says which are not; exits 3 where one is not a program. */
export const run: Command = async ({ args, flags }, io) => {
  const [isWrite, isCheck] = [flags.has("write"), flags.has("check")];
  if (isWrite && isCheck) throw usage("cannot write and check at once", "give --write or --check");
  const cannotWrite = args.find((path) => path === "-" || /\.(?:anrf|py|ts)$/.test(path));
  if (isWrite && cannotWrite !== undefined)
    throw usage(`cannot write ${cannotWrite}`, "only the text of a program is laid out in place");
  let isLaidOut = true;
  for (const path of args) {
    const source = await readSource(path, io);
    const text = canonicalText(path, source, io);
    const isSame = text === source.text;
    if (isCheck && !isSame) {
      isLaidOut = false;
      io.out(`${path}\n`);
    } else if (isWrite && !isSame) await writeFile(path, text);
    else if (!isWrite && !isCheck) io.out(text);
  }
  return isLaidOut ? EXIT.OK : EXIT.CHECK_FAILED;
};

/** The canonical text; what is dropped on the way is told on stderr. */
function canonicalText(path: string, { text, diagnosis }: Source, io: Io): string {
  const canonical = diagnosis.text;
  if (canonical === undefined) {
    const errors = diagnosis.diagnostics.filter((one) => one.severity === DiagnosticSeverity.ERROR);
    io.err(errors.map((one) => `${showDiagnostic(one, text, path)}\n`).join(""));
    const why = `${errors.length} error${errors.length === 1 ? "" : "s"}`;
    throw new Failure(EXIT.CHECK_FAILED, `cannot lay out ${path}`, why, `anrf check ${path}`);
  }
  for (const one of diagnosis.diagnostics) {
    if (one.code === "P51" || one.code === "P52") io.err(showDiagnostic(one, text, path));
  }
  return canonical;
}
