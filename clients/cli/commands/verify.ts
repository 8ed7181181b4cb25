import { create } from "@bufbuild/protobuf";
import { CheckResult_Status } from "#gen/anrf/api/v1/check_result_pb.ts";
import {
  VerificationService,
  type VerifyResponse,
  VerifyResponseSchema,
} from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { safe } from "../escape.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { isProgramId, programId } from "../given.ts";
import type { Io } from "../io.ts";
import { OFFLINE_CHECKS, openFile, resultsOf } from "../offline.ts";
import { formatOf, type Paint, paintFor, writeAnswer } from "../output.ts";
import type { Input } from "../parse.ts";
import { rpcFailure } from "../rpc-failure.ts";

/** Checks a program by the platform, or a file by itself; exits 3 on a FAIL. */
export const run: Command = async (input, io) => {
  const { flags } = input;
  const target = input.args[0] ?? "";
  const response = isProgramId(target) ? await online(input, io) : await offline(target, input, io);
  const format = formatOf(flags);
  const paint = paintFor(flags, io, io.outputIsTerminal);
  if (format === "text") io.out(textOf(response, paint));
  else writeAnswer(io, format, VerifyResponseSchema, response, () => "");
  if (response.verdict === CheckResult_Status.FAIL) return EXIT.CHECK_FAILED;
  return response.verdict === CheckResult_Status.WARN && flags.text("fail-on") === "warn"
    ? EXIT.CHECK_FAILED
    : EXIT.OK;
};

async function online(input: Input, io: Io): Promise<VerifyResponse> {
  const { anrfId, version } = programId(input.args[0] ?? "");
  const checks = input.flags.text("checks");
  const platform = await connect(input, io);
  return platform
    .client(VerificationService)
    .verify({ anrfId, version, checks: checks === undefined ? [] : [checks] }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot verify ${input.args[0]}`, error);
    });
}

async function offline(path: string, { flags }: Input, io: Io): Promise<VerifyResponse> {
  const asked =
    flags
      .text("checks")
      ?.split(",")
      .map((one) => one.trim()) ?? OFFLINE_CHECKS;
  const unknown = asked.find((one) => !(OFFLINE_CHECKS as readonly string[]).includes(one));
  if (unknown !== undefined) {
    throw usage(
      `cannot check ${unknown} of a file`,
      "offline there are structure and types",
      `store it first: anrf put ${path}`,
    );
  }
  const document = await openFile(path, io);
  const results = [...resultsOf(document, asked)];
  return create(VerifyResponseSchema, {
    results,
    verdict: worst(results.map((one) => one.status)),
    digest: document.digest,
  });
}

function worst(statuses: readonly CheckResult_Status[]): CheckResult_Status {
  if (statuses.includes(CheckResult_Status.FAIL)) return CheckResult_Status.FAIL;
  return statuses.includes(CheckResult_Status.WARN) ? CheckResult_Status.WARN : CheckResult_Status.PASS;
}

function textOf(response: VerifyResponse, paint: Paint): string {
  const lines = response.results.map((one) => {
    const details = safe(one.details).trimEnd().replaceAll("\n", "\n      ");
    return `${statusText(one.status, paint)}  ${one.check}${details === "" ? "" : `  ${details}`}\n`;
  });
  return lines.join("");
}

function statusText(status: CheckResult_Status, paint: Paint): string {
  if (status === CheckResult_Status.PASS) return paint.green("PASS");
  return status === CheckResult_Status.FAIL ? paint.red("FAIL") : paint.yellow("WARN");
}
