import { create, fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { afterAll, describe, expect, it } from "vitest";
import { writeArtifact } from "#anrf/program/artifact.ts";
import { parse } from "#anrf/text/parse.ts";
import { CheckResult_Status } from "#gen/anrf/api/v1/check_result_pb.ts";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import {
  type CancelGenerationRequest,
  GenerateResponse_AbstainReason,
  GenerateResponse_Outcome,
  type GenerateStreamRequest,
  type GenerationEvent,
  GenerationEventSchema,
  GenerationService,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { type AnalyzeIntentRequest, IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { type Around, type Ran, runCli } from "./testing/fake-io.ts";
import { type FakePlatform, fakePlatform } from "./testing/fake-platform.ts";

const ID = "01912f3e-0000-7000-8000-000000000001";
const GENERATION = "01912f3e-0000-7000-8000-000000000002";

/** Codes that some test below has seen; the last test holds them against the table. */
const seen = new Set<number>();

async function cli(platform: FakePlatform, argv: readonly string[], around: Around = {}): Promise<Ran> {
  const ran = await runCli([...argv, ...platform.flags], around);
  seen.add(ran.code);
  return ran;
}

async function alone(argv: readonly string[], around: Around = {}): Promise<Ran> {
  const ran = await runCli(argv, around);
  seen.add(ran.code);
  return ran;
}

const started = create(GenerationEventSchema, {
  generationId: GENERATION,
  sequence: 1,
  event: { case: "started", value: { seed: 7n } },
});

function completed(response: object): GenerationEvent {
  return create(GenerationEventSchema, {
    generationId: GENERATION,
    sequence: 9,
    event: { case: "completed", value: { generationId: GENERATION, ...response } },
  });
}

const accepted = completed({
  outcome: GenerateResponse_Outcome.ACCEPTED,
  anrfId: ID,
  version: 1,
  confidenceScore: 0.9,
  pseudocode: "The result is \u001b[2Jx.",
});
const abstained = completed({
  outcome: GenerateResponse_Outcome.ABSTAINED,
  abstainReason: GenerateResponse_AbstainReason.NO_CANDIDATE,
  abstainDetails: "no program satisfies the examples",
});

type Stream = (request: GenerateStreamRequest, context: HandlerContext) => AsyncGenerator<GenerationEvent>;

function generating(stream: Stream, cancel?: (request: CancelGenerationRequest) => void) {
  return (router: ConnectRouter): void => {
    router.service(IntentService, {
      analyzeIntent: (request: AnalyzeIntentRequest) => ({
        analysisId: GENERATION,
        structuredIntent: { goal: { summary: request.inputText } },
      }),
    });
    router.service(GenerationService, {
      generateStream: stream,
      cancelGeneration: (request) => {
        cancel?.(request);
        return {};
      },
    });
    router.service(VerificationService, {
      verify: () => ({
        results: [{ check: "types", status: CheckResult_Status.FAIL, details: "int is no string" }],
      }),
    });
  };
}

async function* of(...events: readonly GenerationEvent[]): AsyncGenerator<GenerationEvent> {
  yield* events;
}

describe("generate", () => {
  it("prints the program and the id, escapes what a terminal would obey, exits 0", async () => {
    await using platform = await fakePlatform(generating(() => of(started, accepted)));
    const { code, out, err } = await cli(platform, ["add them up"]);
    expect(code).toBe(0);
    expect(out).toContain("The result is \\u{1b}[2Jx.");
    expect(out).toContain(`anrf://${ID}@1`);
    expect(err).toBe("");
    expect(platform.last()["authorization"]).toBe("Bearer anrf_test_key");
  });

  it("prints one event a line with -o jsonl, completed last, nothing else", async () => {
    await using platform = await fakePlatform(generating(() => of(started, accepted)));
    const { code, out, err } = await cli(platform, ["add them up", "-o", "jsonl"]);
    expect([code, err]).toEqual([0, ""]);
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.sequence)).toEqual([1, 9]);
    expect(lines[1].completed).toMatchObject({ outcome: "ACCEPTED", anrfId: ID, version: 1, warnings: [] });
  });

  it("exits 5 when it abstains, with the reason on stderr", async () => {
    await using platform = await fakePlatform(generating(() => of(started, abstained)));
    const { code, err } = await cli(platform, ["add them up"]);
    expect(code).toBe(5);
    expect(err).toContain("no program satisfies the examples (NO_CANDIDATE)");
  });

  it("exits 5 below --min-confidence, and 3 when a required check fails", async () => {
    await using platform = await fakePlatform(generating(() => of(started, accepted)));
    expect((await cli(platform, ["add them up", "--min-confidence", "0.95"])).code).toBe(5);
    const required = await cli(platform, ["add them up", "--require", "types"]);
    expect(required.code).toBe(3);
    expect(required.err).toContain("types FAIL: int is no string");
  });

  it("exits 79 for a stream without a last event", async () => {
    await using platform = await fakePlatform(generating(() => of(started)));
    const { code, err } = await cli(platform, ["add them up", "-o", "json"]);
    expect(code).toBe(79);
    expect(JSON.parse(err)).toMatchObject({ code: "DATA_LOSS" });
  });

  it("says what the failed event says, whatever the connection does after it", async () => {
    const failed = create(GenerationEventSchema, {
      sequence: 2,
      event: { case: "failed", value: { status: { code: 8, message: "the wait would be too long" } } },
    });
    await using platform = await fakePlatform(
      generating(async function* () {
        yield* of(started, failed);
        throw new ConnectError("other words", Code.ResourceExhausted);
      }),
    );
    const { code, err } = await cli(platform, ["add them up"]);
    expect(code).toBe(72);
    expect(err).toContain("the wait would be too long (RESOURCE_EXHAUSTED)");
  });

  it("stops after --max events and exits 0", async () => {
    await using platform = await fakePlatform(generating(() => of(started, started, started, accepted)));
    const { code, out } = await cli(platform, ["add them up", "--max", "2", "-o", "jsonl"]);
    expect(code).toBe(0);
    expect(out.trimEnd().split("\n")).toHaveLength(2);
  });

  it("hands flags on", async () => {
    const requests: GenerateStreamRequest[] = [];
    await using platform = await fakePlatform(
      generating((request) => {
        requests.push(request);
        return of(accepted);
      }),
    );
    await cli(platform, [
      "add them up",
      "--seed",
      "18446744073709551615",
      "--budget",
      "cpu=2,programs=100",
      "--wall",
      "3s",
      "--effort",
      "deep",
    ]);
    expect(requests[0]).toMatchObject({
      analysisId: GENERATION,
      seed: 18446744073709551615n,
      profile: 3,
      budget: { cpuSeconds: 2, programs: 100, wallSeconds: 3 },
    });
  });
});

describe("Ctrl-C", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s calls the generation off first and reads its last event: %i", async (signal, expected) => {
    const cancelled = Promise.withResolvers<string>();
    const failed = create(GenerationEventSchema, {
      generationId: GENERATION,
      sequence: 2,
      event: {
        case: "failed",
        value: { status: { code: 1, message: "called off" }, usage: { programsEvaluated: 1234 } },
      },
    });
    let send: (signal: "SIGINT" | "SIGTERM") => void = () => {};
    await using platform = await fakePlatform(
      generating(
        async function* () {
          yield started;
          send(signal);
          await cancelled.promise;
          yield failed;
          throw new ConnectError("called off", Code.Canceled);
        },
        (request) => cancelled.resolve(request.generationId),
      ),
    );
    const { code, err } = await cli(platform, ["add them up"], {
      signals: (sender) => {
        send = (one) => void setTimeout(() => sender(one), 50);
      },
    });
    expect(code).toBe(expected);
    expect(await cancelled.promise).toBe(GENERATION);
    expect(err).toContain("1,234 programs");
  });

  it("a second one exits at once", async () => {
    let send: (signal: "SIGINT" | "SIGTERM") => void = () => {};
    const over = Promise.withResolvers<void>();
    await using platform = await fakePlatform(
      generating(async function* () {
        yield started;
        setTimeout(() => send("SIGINT"), 50);
        setTimeout(() => send("SIGINT"), 100);
        await over.promise;
      }),
    );
    const { code } = await cli(platform, ["add them up"], {
      signals: (sender) => {
        send = sender;
      },
    });
    over.resolve();
    expect(code).toBe(130);
  });
});

describe("a status of the server is 64 + its number", () => {
  const codes = Object.values(Code).filter((code): code is Code => typeof code === "number");
  it.each(codes.map((code) => [Code[code], code] as const))("%s", async (_name, code) => {
    const details = [{ desc: ErrorInfoSchema, value: { reason: "SCOPE_MISSING", domain: "anrf" } }];
    await using platform = await fakePlatform((router) => {
      router.service(RegistryService, {
        listAnrfs: () => {
          throw new ConnectError("it is so", code, undefined, details);
        },
      });
    });
    const text = await cli(platform, ["list"]);
    expect(text.code).toBe(64 + code);
    expect(text.err).toMatch(
      /^anrf: cannot list programs\n {2}why: it is so \([A-Z_]+ SCOPE_MISSING\)\n {2}try: .*keys create/,
    );
    const json = JSON.parse((await cli(platform, ["list", "-o", "json"])).err);
    expect(json).toMatchObject({ error: "it is so", details: [{ reason: "SCOPE_MISSING", domain: "anrf" }] });
    expect(text.err).toContain(`(${json.code} `);
  });

  it("is the same by gRPC and gRPC-Web", async () => {
    const routes = (router: ConnectRouter): void => {
      router.service(RegistryService, {
        getAnrf: () => {
          throw new ConnectError("no such program", Code.NotFound);
        },
      });
    };
    await using web = await fakePlatform(routes);
    expect((await cli(web, ["get", ID, "-", "--protocol", "grpc-web"])).code).toBe(69);
    await using grpc = await fakePlatform(routes, "2");
    expect((await cli(grpc, ["get", ID, "-", "--protocol", "grpc"])).code).toBe(69);
  });

  it("sends --timeout as the deadline of the call", async () => {
    await using platform = await fakePlatform((router) => {
      router.service(RegistryService, {
        listAnrfs: async (_request, context) => {
          await new Promise((resolve) => setTimeout(resolve, 3_000, context));
          return {};
        },
      });
    });
    const { code } = await cli(platform, ["list", "--timeout", "100ms"]);
    expect(code).toBe(68);
    expect(platform.last()["connect-timeout-ms"]).toBe("100");
  });
});

describe("run", () => {
  const traps: readonly (readonly [string, number])[] = [
    ["OVERFLOW", 6],
    ["DIV_ZERO", 6],
    ["INDEX", 6],
    ["CONTRACT", 6],
    ["FUEL", 7],
    ["MEMORY", 7],
    ["DEPTH", 7],
    ["TIME", 7],
    ["OUTPUT", 7],
  ];
  it.each(traps)("trap %s exits %i", async (trap, expected) => {
    await using platform = await fakePlatform((router) => {
      router.service(ExecutionService, {
        execute: () => ({ trap: { code: trap, function: "f", node: 3, message: "so it is" } }),
      });
    });
    const { code, out, err } = await cli(platform, ["run", ID, "[1]"]);
    expect([code, out.trim()]).toEqual([expected, ""]);
    expect(err).toContain(`${trap} in f, node 3: so it is`);
  });

  it("prints the result as JSON", async () => {
    await using platform = await fakePlatform((router) => {
      router.service(ExecutionService, {
        execute: ({ inputs }) => ({
          output: fromJson(ValueSchema, {
            result: inputs?.kind.case === "listValue" ? [1, "two", { three: 3 }] : null,
          }),
        }),
      });
    });
    expect((await cli(platform, ["run", ID, "-i", "[1]", "-o", "jsonl"])).out).toMatch(
      /^\{"output":\{"result":\[1,"two",\{"three":3\}\]\},"logs":\[\],"executionId":""/,
    );
    expect((await cli(platform, ["run", ID, "-i", "[1]"])).out).toBe('[1,"two",{"three":3}]\n');
    expect((await cli(platform, ["run", ID, "-i", "-"], { stdin: '{"x":1}' })).out).toBe("null\n");
  });
});

describe("verify", () => {
  const serve =
    (status: CheckResult_Status) =>
    (router: ConnectRouter): void => {
      router.service(VerificationService, {
        verify: () => ({ results: [{ check: "types", status }], verdict: status }),
      });
    };
  it.each([
    [CheckResult_Status.PASS, [], 0],
    [CheckResult_Status.WARN, [], 0],
    [CheckResult_Status.WARN, ["--fail-on", "warn"], 3],
    [CheckResult_Status.FAIL, [], 3],
  ] as const)("status %i with %j exits %i", async (status, flags, expected) => {
    await using platform = await fakePlatform(serve(status));
    expect((await cli(platform, ["verify", ID, ...flags])).code).toBe(expected);
  });
});

describe("found before any call", () => {
  const usages: readonly (readonly string[])[] = [
    ["generate", "x y", "--frobnicate"],
    ["generate", "x y", "-e", "{"],
    ["generate", "x y", "-e", '{"inputs":[1]}'],
    ["generate", "x y", "-e", '{"inputs":[1],"inputs":[2],"output":1}'],
    ["generate", "x y", "-s", "xs -> int"],
    ["generate", "-f", "/nonexistent/file"],
    ["generate", ""],
    ["show", "not-an-id"],
    ["show", `${ID}@0`],
    ["run", ID, "[1"],
    ["put", "/nonexistent/file"],
    ["view", "/nonexistent/file"],
    ["keys", "create", "x", "--scopes", "EVERYTHING"],
  ];
  it.each(usages.map((argv) => [argv]))("%j exits 2", async (argv) => {
    const { code, out, err } = await alone([...argv, "--address", "http://127.0.0.1:1", "--api-key", "k"]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^anrf: cannot /);
  });

  it("exits 4 without address, key or profile", async () => {
    const nowhere = { env: { ANRF_DATA: "/nonexistent", XDG_CONFIG_HOME: "/nonexistent" } };
    expect((await alone(["list"], nowhere)).code).toBe(4);
    expect((await alone(["list", "--address", "http://127.0.0.1:1"], nowhere)).code).toBe(4);
    expect((await alone(["list", "--profile", "none"], nowhere)).code).toBe(4);
    const unreadable = { env: { ...nowhere.env, ANRF_API_KEY_FILE: "/nonexistent/key" } };
    const { code, err } = await alone(["list", "--address", "http://127.0.0.1:1", "-o", "json"], unreadable);
    expect(code).toBe(4);
    expect(JSON.parse(err)).toMatchObject({ code: "UNAUTHENTICATED", requestId: null });
  });
});

describe("diff", () => {
  it("exits 8 where two versions of the platform differ in what callers rely on", async () => {
    const version = (text: string): Uint8Array => {
      const read = parse(text);
      if (!read.ok) throw new Error(read.diagnostics[0]?.message);
      return writeArtifact({ ...read.program, spec: read.spec, producer: "test", producerVersion: "1" });
    };
    const older = "fn f(x: int) -> int { x }";
    const versions = [older, older, older.replace("x: int", "x: int, y: int")].map(version);
    await using platform = await fakePlatform((router) => {
      router.service(RegistryService, {
        getAnrf: (request) => ({
          anrfId: ID,
          version: request.version,
          artifact: versions[request.version - 1] ?? new Uint8Array(),
        }),
      });
    });
    const broken = await cli(platform, ["diff", `${ID}@1`, `${ID}@3`]);
    expect([broken.code, broken.out]).toEqual([8, expect.stringContaining("+ fn f(x: int, y: int) -> int")]);
    expect((await cli(platform, ["diff", `${ID}@1`, `${ID}@2`, "--exit-code"])).code).toBe(0);
    expect((await cli(platform, ["diff", `${ID}@1`, `${ID}@9`])).code).toBe(79);
  });
});

describe("the command line itself", () => {
  it("exits 1 for a fault of its own", async () => {
    const { code, err } = await alone(["help"], {
      heard: (text) => {
        if (!text.startsWith("anrf: ")) throw new RangeError("a broken terminal");
      },
    });
    expect(code).toBe(1);
    expect(err).toContain("a fault of the command line: RangeError: a broken terminal");
  });
});

afterAll(() => {
  const missing = EXIT_CODES.map(([code]) => code).filter((code) => !seen.has(code));
  expect(missing, "exit codes that no test has seen").toEqual([]);
});
