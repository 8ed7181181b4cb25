import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { CheckResult_Status } from "#gen/anrf/api/v1/check_result_pb.ts";
import { ExecuteResponseSchema, ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import {
  Calibration_Status,
  type GenerateResponse,
  GenerateResponse_Outcome,
  type GenerationEvent,
  GenerationService,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { type Platform, platformAt } from "../client.ts";
import type { Command } from "../command.ts";
import { DEMO_INTENTS, type DemoIntent } from "../demo-intents.ts";
import { safeLine } from "../escape.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { abstainText } from "../generation-text.ts";
import { examplesOf, signatureOf } from "../given.ts";
import type { Io } from "../io.ts";
import { jsonOf } from "../json.ts";
import { firstKey, type Launched, launch } from "../launcher.ts";
import { type Paint, paintFor } from "../output.ts";
import { rpcFailure, statusFailure } from "../rpc-failure.ts";
import { countText } from "../units.ts";

const QUIET_MS = 1_000;
const CANDIDATES = 1;
/** Bounded by work and not by time: a busy machine shows the same as an idle one. */
const BUDGET = { programs: 200_000, cpuSeconds: 30, wallSeconds: 60 };

/** Five intents from sentence to executed result, on a platform of its own that leaves nothing behind. */
export const run: Command = async ({ flags }, io) => {
  const keep = flags.has("keep");
  const paint = paintFor(flags, io, io.outputIsTerminal);
  const began = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "anrf-demo-"));
  let launched: Launched | undefined;
  let code: number | undefined;
  const stop = new AbortController();
  const quiet = io.onSignal((signal) => {
    code = signal === "SIGINT" ? EXIT.INTERRUPTED : EXIT.TERMINATED;
    stop.abort();
  });
  let kept = false;
  try {
    launched = await launch({
      env: envOf(io.env, folder, keep),
      port: 0,
      profile: "embedded",
      attached: true,
    });
    io.out(
      `platform ready at ${launched.platform.url} after ${seconds(began)}: PostgreSQL, eleven services, one gateway\n`,
    );
    const settings = {
      address: launched.platform.url,
      key: await firstKey(launched.platform),
      protocol: "connect",
      timeoutMs: 60_000,
    } as const;
    const solved: GenerateResponse[] = [];
    for (const intent of DEMO_INTENTS)
      solved.push(await show(platformAt(settings), intent, io, paint, stop.signal));
    io.out(
      `\n${solved.length} sentences became ${solved.length} checked programs that run, in ${seconds(began)}\n`,
    );
    if (keep) {
      launched.keep();
      kept = true;
    }
    io.out(nextText(keep ? launched : undefined, folder, solved.at(-1)));
    return EXIT.OK;
  } catch (error) {
    if (code !== undefined) return code;
    throw error;
  } finally {
    if (!kept) {
      await launched?.stop();
      await rm(folder, { recursive: true, force: true });
    }
    quiet();
  }
};

/** Stores and keys of its own, whatever is configured for others; what is thrown away need not survive a power cut. */
function envOf(env: Io["env"], folder: string, keep: boolean): Io["env"] {
  const own = { ANRF_DATA: folder, ANRF_DATABASE_URL: "", ANRF_S3_ENDPOINT: "", ANRF_BOOTSTRAP_KEY_FILE: "" };
  return { ...env, ...own, ...(keep ? {} : { ANRF_DURABLE: "false" }) };
}

async function show(
  platform: Platform,
  intent: DemoIntent,
  io: Io,
  paint: Paint,
  signal: AbortSignal,
): Promise<GenerateResponse> {
  const began = performance.now();
  const line = (word: string, text: string): void =>
    io.out(`  ${seconds(began).padStart(6)}  ${word.padEnd(9)} ${safeLine(text)}\n`);
  io.out(`\n${paint.bold(intent.theme.padEnd(7))} “${intent.text}”\n`);
  try {
    const analysisId = await analyze(platform, intent, io, signal);
    const made = await generate(platform, intent, analysisId, line, signal);
    const checks = await verify(platform, made, signal);
    line("accepted", `${oneLine(made.pseudocode)}`);
    line("checked", `${confidenceOf(made)} · ${checks}`);
    const result = await execute(platform, made, intent, signal);
    line("run", `${JSON.stringify(intent.run.inputs)} → ${paint.bold(result)}`);
    return made;
  } catch (error) {
    throw rpcFailure(`cannot show ${intent.theme}`, error);
  }
}

async function analyze(platform: Platform, intent: DemoIntent, io: Io, signal: AbortSignal): Promise<string> {
  const examples = await examplesOf(
    intent.examples.map((one) => JSON.stringify(one)),
    io,
  );
  const request = { inputText: intent.text, signature: signatureOf(intent.signature), examples };
  const analysis = await platform.client(IntentService).analyzeIntent(request, platform.options(signal));
  return analysis.analysisId;
}

async function generate(
  platform: Platform,
  intent: DemoIntent,
  analysisId: string,
  line: (word: string, text: string) => void,
  signal: AbortSignal,
): Promise<GenerateResponse> {
  const request = { analysisId, seed: 1n, budget: BUDGET };
  let last: GenerationEvent["event"] | undefined;
  let latest = performance.now();
  let shown = 0;
  for await (const { event } of platform
    .client(GenerationService)
    .generateStream(request, platform.options(signal))) {
    last = event;
    if (event.case === "failed") break;
    const text = eventText(event);
    // Progress is told when nothing else was for a while; of many candidates the first.
    if (text === "" || (event.case === "progress" && performance.now() - latest < QUIET_MS)) continue;
    if (event.case === "candidate" && ++shown > CANDIDATES) continue;
    line(event.case ?? "", text);
    latest = performance.now();
  }
  if (last?.case === "failed") throw statusFailure(`cannot show ${intent.theme}`, last.value.status);
  if (last?.case !== "completed")
    throw new Failure(EXIT.FAULT, `cannot show ${intent.theme}`, "its stream has no last event");
  if (last.value.outcome === GenerateResponse_Outcome.ACCEPTED) return last.value;
  throw new Failure(EXIT.ABSTAINED, `cannot show ${intent.theme}`, abstainText(last.value));
}

function eventText(event: GenerationEvent["event"]): string {
  switch (event.case) {
    case "started": {
      const lanes = event.value.lanes.filter((lane) => lane.enabled).map((lane) => lane.name);
      return `seed ${event.value.seed}${lanes.length === 0 ? "" : `, by ${lanes.join(" and ")}`}`;
    }
    case "progress":
      return event.value.programs === 0 ? "" : `${countText(event.value.programs)} programs tried`;
    case "candidate":
      return `${event.value.examplesPassed} of ${event.value.examples} examples: ${oneLine(event.value.pseudocode)}`;
    case "retracted":
      return "a candidate was wrong after all";
    default:
      return "";
  }
}

function confidenceOf({ confidenceScore, confidence }: GenerateResponse): string {
  const status = confidence?.calibration?.status ?? Calibration_Status.MISSING;
  return status === Calibration_Status.MISSING
    ? "confidence 0, not calibrated"
    : `confidence ${confidenceScore.toFixed(2)}`;
}

/** What a program does, on one line: without its head and its purpose, which are the sentence itself. */
function oneLine(pseudocode: string): string {
  const lines = pseudocode.split("\n").map((line) => line.trim());
  const text =
    lines
      .slice(1)
      .filter((line) => line !== "" && !line.startsWith("Purpose:"))
      .join(" ") ||
    (lines[0] ?? "");
  return text.length > 84 ? `${text.slice(0, 83)}…` : text;
}

async function verify(
  platform: Platform,
  { anrfId, version }: GenerateResponse,
  signal: AbortSignal,
): Promise<string> {
  const { results } = await platform
    .client(VerificationService)
    .verify({ anrfId, version }, platform.options(signal));
  const broken = results.find((one) => one.status === CheckResult_Status.FAIL);
  if (broken !== undefined)
    throw new Failure(EXIT.CHECK_FAILED, `cannot verify ${anrfId}`, `${broken.check}: ${broken.details}`);
  return results
    .map((one) => `${one.check} ${one.status === CheckResult_Status.PASS ? "PASS" : "WARN"}`)
    .join(", ");
}

async function execute(
  platform: Platform,
  { anrfId, version }: GenerateResponse,
  { run: wanted }: DemoIntent,
  signal: AbortSignal,
): Promise<string> {
  const inputs = fromJson(ValueSchema, wanted.inputs);
  const response = await platform
    .client(ExecutionService)
    .execute({ anrfId, version, inputs }, platform.options(signal));
  const json = jsonOf(ExecuteResponseSchema, response);
  const output =
    typeof json === "object" && json !== null && !Array.isArray(json) ? json["output"] : undefined;
  const result =
    typeof output === "object" && output !== null && !Array.isArray(output) ? output["result"] : undefined;
  if (JSON.stringify(result) === JSON.stringify(wanted.output)) return JSON.stringify(result);
  const came = response.trap === undefined ? JSON.stringify(result) : response.trap.code;
  throw new Failure(
    EXIT.FAULT,
    `cannot trust ${anrfId}`,
    `${JSON.stringify(wanted.inputs)} gives ${came}, and ${JSON.stringify(wanted.output)} is right`,
  );
}

function nextText(kept: Launched | undefined, folder: string, made: GenerateResponse | undefined): string {
  if (kept === undefined) {
    return `next: bin/anrf up, then bin/anrf "the longest word" -e '{"inputs":["a long day"],"output":"long"}'\n`;
  }
  const with_ = `ANRF_DATA=${folder}`;
  return [
    `it runs on at ${kept.platform.url}, metrics at ${kept.platform.metricsUrl}, its key is in ${kept.platform.keyFile}`,
    `next: ${with_} bin/anrf list`,
    `      ${with_} bin/anrf view ${made?.anrfId ?? "ID"}`,
    `      ${with_} bin/anrf reset --yes`,
    "",
  ].join("\n");
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
