import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { CheckResult_Status } from "#gen/anrf/api/v1/check_result_pb.ts";
import type { StructuredIntent } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import {
  type Budget,
  BudgetSchema,
  GenerateRequest_OnDisconnect,
  GenerateRequest_Profile,
  type GenerateResponse,
  GenerateResponse_Outcome,
  GenerateResponseSchema,
  type GenerateStreamRequestSchema,
  GenerationEventSchema,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { connect, type Platform } from "../client.ts";
import type { Command } from "../command.ts";
import { safe, safeLine } from "../escape.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { follow } from "../generation.ts";
import { abstainText, resultText, usageText } from "../generation-text.ts";
import { type GenerationView, NO_VIEW, plainView, terminalView } from "../generation-view.ts";
import { intentOf, programId } from "../given.ts";
import type { Io } from "../io.ts";
import { jsonOf } from "../json.ts";
import { type Format, formatOf, paintFor, writeAnswer, writeFailure, writeJson } from "../output.ts";
import type { Flags, Input } from "../parse.ts";
import { rpcFailure } from "../rpc-failure.ts";
import { secondsOf } from "../units.ts";

type Request = MessageInitShape<typeof GenerateStreamRequestSchema>;
/** What is to be solved: a stored analysis, or an intent that was only checked. */
type Source = { readonly analysisId: string } | { readonly structuredIntent: StructuredIntent };

const EFFORTS = {
  quick: GenerateRequest_Profile.QUICK,
  standard: GenerateRequest_Profile.STANDARD,
  deep: GenerateRequest_Profile.DEEP,
} as const;

/** From words and examples to a stored program, streamed. */
export const run: Command = async (input, io) => {
  const { flags } = input;
  const settings = requestOf(flags);
  const analysis = flags.text("analysis");
  if (analysis !== undefined && input.args.length > 0)
    throw usage("cannot take words and an analysis", "give one of both");
  const intent = analysis === undefined ? await intentOf(input, io) : undefined;
  const max = flags.integer("max", 1);
  const platform = await connect(input, io);
  const format = formatOf(flags);
  const source: Source | number =
    intent === undefined ? { analysisId: analysis ?? "" } : await analyze(platform, io, intent);
  if (typeof source === "number") return source;
  const view = viewFor(input, io, format);
  const outcome = await follow(platform, io, {
    request: withSource(settings, source),
    max,
    event: (event) => {
      view.event(event);
      if (format === "jsonl") writeJson(io, format, jsonOf(GenerationEventSchema, event));
    },
    cancelling: () => view.note("cancelling …"),
  }).finally(() => view.end());
  const { ending, signal } = outcome;
  if (ending.kind === "stopped") return EXIT.OK;
  if (ending.kind === "failed") {
    writeFailure(io, format, ending.failure);
    const spent = usageText(ending.event?.usage);
    if (spent !== "" && format === "text") io.err(`  spent: ${spent}\n`);
    if (signal === undefined) return ending.failure.exit;
    return signal === "SIGINT" ? EXIT.INTERRUPTED : EXIT.TERMINATED;
  }
  return finish(platform, input, io, ending.response);
};

async function analyze(
  platform: Platform,
  io: Io,
  intent: Awaited<ReturnType<typeof intentOf>>,
): Promise<Source | number> {
  const cut = new AbortController();
  let code: number | undefined;
  const quiet = io.onSignal((signal) => {
    code = signal === "SIGINT" ? EXIT.INTERRUPTED : EXIT.TERMINATED;
    cut.abort();
  });
  try {
    const response = await platform.client(IntentService).analyzeIntent(intent, platform.options(cut.signal));
    for (const warning of response.structuredIntent?.warnings ?? [])
      io.err(`warning: ${safeLine(warning.message)}\n`);
    const { analysisId, structuredIntent } = response;
    return analysisId === "" && structuredIntent !== undefined ? { structuredIntent } : { analysisId };
  } catch (error) {
    if (code !== undefined) return code;
    throw rpcFailure("cannot analyze the intent", error);
  } finally {
    quiet();
  }
}

async function finish(platform: Platform, input: Input, io: Io, response: GenerateResponse): Promise<number> {
  const { flags } = input;
  const format = formatOf(flags);
  const paint = paintFor(flags, io, io.outputIsTerminal);
  if (format === "text") io.out(`${resultText(response, paint)}\n`);
  else if (format === "json") writeAnswer(io, format, GenerateResponseSchema, response, () => "");
  for (const warning of response.warnings) io.err(`warning: ${safeLine(warning)}\n`);
  if (response.outcome === GenerateResponse_Outcome.ABSTAINED) {
    io.err(`anrf: abstained: ${safe(abstainText(response))}\n`);
    return EXIT.ABSTAINED;
  }
  if (response.outcome === GenerateResponse_Outcome.VALIDATED) return EXIT.OK;
  const required = flags.text("require");
  if (required !== undefined && !(await holds(platform, io, response, required))) return EXIT.CHECK_FAILED;
  const least = flags.number("min-confidence");
  return least !== undefined && response.confidenceScore < least ? EXIT.ABSTAINED : EXIT.OK;
}

async function holds(
  platform: Platform,
  io: Io,
  response: GenerateResponse,
  checks: string,
): Promise<boolean> {
  const { anrfId, version } = response;
  const verified = await platform
    .client(VerificationService)
    .verify({ anrfId, version, checks: [checks] }, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot verify ${anrfId}`, error);
    });
  const failed = verified.results.filter((one) => one.status === CheckResult_Status.FAIL);
  for (const one of failed) io.err(`anrf: ${one.check} FAIL: ${safe(one.details)}\n`);
  return failed.length === 0;
}

function withSource(settings: Request, source: Source): Request {
  return { ...settings, ...source } as Request;
}

function viewFor({ flags }: Input, io: Io, format: Format): GenerationView {
  if (format !== "text") return NO_VIEW;
  if (io.errorIsTerminal && !io.env["CI"]) return terminalView(io, paintFor(flags, io, true));
  return plainView(io);
}

function requestOf(flags: Flags): Request {
  const effort = flags.text("effort") as keyof typeof EFFORTS | undefined;
  const budget = budgetOf(flags);
  const seed = flags.text("seed");
  if (seed !== undefined && !/^\d{1,20}$/.test(seed))
    throw usage(`cannot read --seed ${seed}`, "it is no whole number");
  const pace = flags.integer("pace", 1);
  const candidates = flags.integer("candidates", 1);
  const minConfidence = flags.number("min-confidence");
  const model = flags.text("model");
  const program = flags.text("program");
  return {
    profile: effort === undefined ? GenerateRequest_Profile.PROFILE_UNSPECIFIED : EFFORTS[effort],
    anrfId: program === undefined ? "" : programId(program).anrfId,
    validateOnly: flags.has("dry-run"),
    onDisconnect:
      flags.text("on-disconnect") === "continue"
        ? GenerateRequest_OnDisconnect.CONTINUE
        : GenerateRequest_OnDisconnect.ON_DISCONNECT_UNSPECIFIED,
    ...(budget === undefined ? {} : { budget }),
    ...(seed === undefined ? {} : { seed: BigInt(seed) }),
    ...(pace === undefined ? {} : { pace }),
    ...(candidates === undefined ? {} : { candidates }),
    ...(minConfidence === undefined ? {} : { minConfidence }),
    ...(model === undefined ? {} : { model }),
  };
}

function budgetOf(flags: Flags): Budget | undefined {
  const text = flags.text("budget");
  const wall = flags.seconds("wall");
  if (text === undefined && wall === undefined) return undefined;
  const budget = create(BudgetSchema);
  for (const part of (text ?? "").split(",").filter((one) => one.trim() !== "")) setPart(budget, part.trim());
  if (wall !== undefined) budget.wallSeconds = wall;
  return budget;
}

function setPart(budget: Budget, part: string): void {
  const [name = "", value = ""] = part.split("=");
  const seconds = secondsOf(value);
  const count = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  if (name === "cpu" && seconds !== undefined) budget.cpuSeconds = seconds;
  else if (name === "wall" && seconds !== undefined) budget.wallSeconds = seconds;
  else if (name === "programs" && count !== undefined) budget.programs = count;
  else if (name === "tokens" && count !== undefined) budget.tokens = count;
  else
    throw usage(
      `cannot read --budget ${part}`,
      "it is none of cpu=, wall=, programs=, tokens=",
      "--budget cpu=10,wall=30",
    );
}
