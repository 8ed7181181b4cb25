import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Json, writeJson } from "#anrf/program/json.ts";
import {
  Engine,
  ExecuteRequest_Contracts,
  type ExecutionLimitsSchema,
} from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { connect } from "../client.ts";
import type { Command } from "../command.ts";
import { safe, safeLine } from "../escape.ts";
import { answerText, executeExactly, resultOf } from "../exact.ts";
import { EXIT, trapExit } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { programId, readExactJson } from "../given.ts";
import type { Io } from "../io.ts";
import { formatOf } from "../output.ts";
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
  const request = {
    anrfId,
    version,
    limits: limitsOf(flags),
    engine: engine === undefined ? Engine.ENGINE_UNSPECIFIED : ENGINES[engine],
    contracts:
      contracts === undefined ? ExecuteRequest_Contracts.CONTRACTS_UNSPECIFIED : CONTRACTS[contracts],
    recordIo: flags.has("record"),
    validateOnly: flags.has("dry-run"),
    ...(name === undefined ? {} : { function: name }),
  };
  const platform = await connect(input, io);
  const response = await executeExactly(platform, request, inputs).catch((error: unknown) => {
    throw rpcFailure(`cannot run ${input.args[0]}`, error);
  });
  const format = formatOf(flags);
  const result = resultOf(response);
  if (format === "json" || format === "jsonl") io.out(`${answerText(response, format === "json" ? 2 : 0)}\n`);
  else if (format === "text" && result !== undefined) io.out(`${safe(writeJson(result))}\n`);
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

async function inputsOf({ args, flags }: Input, io: Io): Promise<Json> {
  const given = [args[1], flags.text("inputs")].filter((one) => one !== undefined);
  if (given.length > 1)
    throw usage("cannot take inputs twice", "they are given as an argument and by --inputs");
  return readExactJson("the inputs", given[0] ?? "{}", io);
}

function limitsOf(flags: Flags): MessageInitShape<typeof ExecutionLimitsSchema> {
  const fuel = flags.integer("fuel", 1);
  const memoryPages = flags.integer("memory", 1);
  const depth = flags.integer("depth", 1);
  const wall = flags.seconds("wall");
  return {
    ...(fuel === undefined ? {} : { fuel: BigInt(fuel) }),
    ...(memoryPages === undefined ? {} : { memoryPages }),
    ...(depth === undefined ? {} : { depth }),
    ...(wall === undefined ? {} : { wallMs: Math.max(1, Math.round(wall * 1000)) }),
  };
}
