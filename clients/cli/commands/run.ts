import { create, fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  Engine,
  ExecuteRequest_Contracts,
  ExecuteRequestSchema,
  type ExecuteResponse,
  ExecuteResponseSchema,
  type ExecutionLimits,
  ExecutionLimitsSchema,
  ExecutionService,
} from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { safeLine } from "../escape.ts";
import { EXIT, trapExit } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { programId, readJson } from "../given.ts";
import type { Io } from "../io.ts";
import { jsonOf } from "../json.ts";
import { formatOf, writeAnswer } from "../output.ts";
import type { Flags, Input } from "../parse.ts";
import { rpcFailure } from "../rpc-failure.ts";

const ENGINES = { auto: Engine.AUTO, wasm: Engine.WASM, interpreter: Engine.INTERPRETER } as const;
const CONTRACTS = {
  report: ExecuteRequest_Contracts.REPORT,
  enforce: ExecuteRequest_Contracts.ENFORCE,
  off: ExecuteRequest_Contracts.OFF,
} as const;

/** Runs a program; a trap is an answer with an exit code of its own. */
export const run: Command = async (input, io) => {
  const { anrfId, version } = programId(input.args[0] ?? "");
  const { flags } = input;
  const inputs = await inputsOf(input, io);
  const name = flags.text("call");
  const engine = flags.text("engine") as keyof typeof ENGINES | undefined;
  const contracts = flags.text("contracts") as keyof typeof CONTRACTS | undefined;
  const request = create(ExecuteRequestSchema, {
    anrfId,
    version,
    inputs: fromJson(ValueSchema, inputs),
    limits: limitsOf(flags),
    engine: engine === undefined ? Engine.ENGINE_UNSPECIFIED : ENGINES[engine],
    contracts:
      contracts === undefined ? ExecuteRequest_Contracts.CONTRACTS_UNSPECIFIED : CONTRACTS[contracts],
    recordIo: flags.has("record"),
    validateOnly: flags.has("dry-run"),
    ...(name === undefined ? {} : { function: name }),
  });
  const platform = await connect(input, io);
  const response = await platform
    .client(ExecutionService)
    .execute(request, platform.options())
    .catch((error: unknown) => {
      throw rpcFailure(`cannot run ${input.args[0]}`, error);
    });
  writeAnswer(io, formatOf(flags), ExecuteResponseSchema, response, () => resultText(response));
  // A trap is told below.
  for (const log of response.logs.filter((one) => one.code !== "TRAP"))
    io.err(`${log.code}: ${safeLine(log.message)}\n`);
  for (const warning of response.warnings) io.err(`warning: ${safeLine(warning)}\n`);
  const { trap } = response;
  if (trap === undefined) return EXIT.OK;
  const place =
    trap.function === "" ? "" : ` in ${trap.function}${trap.node === undefined ? "" : `, node ${trap.node}`}`;
  io.err(`anrf: the program trapped: ${trap.code}${safeLine(place)}: ${safeLine(trap.message)}\n`);
  return trapExit(trap.code);
};

async function inputsOf({ args, flags }: Input, io: Io): ReturnType<typeof readJson> {
  const given = [args[1], flags.text("inputs")].filter((one) => one !== undefined);
  if (given.length > 1)
    throw usage("cannot take inputs twice", "they are given as an argument and by --inputs");
  return readJson("the inputs", given[0] ?? "{}", io);
}

function limitsOf(flags: Flags): ExecutionLimits {
  const limits = create(ExecutionLimitsSchema);
  const fuel = flags.integer("fuel", 1);
  const memoryPages = flags.integer("memory", 1);
  const depth = flags.integer("depth", 1);
  const wall = flags.seconds("wall");
  if (fuel !== undefined) limits.fuel = BigInt(fuel);
  if (memoryPages !== undefined) limits.memoryPages = memoryPages;
  if (depth !== undefined) limits.depth = depth;
  if (wall !== undefined) limits.wallMs = Math.max(1, Math.round(wall * 1000));
  return limits;
}

function resultText(response: ExecuteResponse): string {
  const json = jsonOf(ExecuteResponseSchema, response);
  if (typeof json !== "object" || json === null || Array.isArray(json)) return "";
  const output = json["output"];
  if (output === undefined) return "";
  const inner =
    typeof output === "object" && output !== null && !Array.isArray(output) ? output["result"] : output;
  return JSON.stringify(inner);
}
