import { existsSync, statSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InferenceService, Message_Role } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import { processEnv } from "#platform/process/env.ts";
import { KNOWN_MODELS } from "../clients/cli/models/known.ts";
import { type Ran, runCli } from "../clients/cli/testing/fake-io.ts";
import { tinyModel, tinyModelParts } from "./gguf.ts";
import { hear, TEST_TOPOLOGY } from "./infer.ts";
import { type System, startSystem } from "./system.ts";

let folder = "";
let system: System;
let files: Server;
let keyFile = "";

const at = (...names: string[]): string => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-models-"));
  keyFile = at("key.pem");
  expect((await runCli(["model", "keygen", keyFile])).code).toBe(0);
  const env = { ANRF_MODELS_KEYS_FILE: `${keyFile}.pub` };
  system = await startSystem(env, ["edge", "auth", "models", "inference"], TEST_TOPOLOGY);
  const bytes = tinyModel({ seed: 71 });
  files = createServer((request, response) => {
    if (request.url === "/dir/served.gguf") response.end(bytes);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
}, 120_000);
afterAll(async () => {
  files?.close();
  await system?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const cli = (...words: string[]): Promise<Ran> =>
  runCli(["model", ...words, "--address", system.url, "--api-key", system.key]);

/** A command that has to end well; its stdout. */
async function ok(...words: string[]): Promise<string> {
  const { code, out, err } = await cli(...words);
  expect({ words, code, err }).toMatchObject({ code: 0 });
  return out;
}

/** A command that is refused: its exit code and what it says. */
async function refused(code: number, ...words: string[]): Promise<string> {
  const ran = await cli(...words);
  expect({ words, code: ran.code }).toEqual({ words, code });
  return ran.err;
}

async function modelFile(name: string, seed: number): Promise<string> {
  await writeFile(at(name), tinyModel({ seed }));
  return at(name);
}

describe("a model of one's own, from the command line", () => {
  it("is imported, signed, checked, run by its digest, and removed", async () => {
    const path = await modelFile("First Model.gguf", 61);
    const said = await ok("import", path, "--license", "Apache-2.0", "--chat-format", "chatml");
    expect(said).toMatch(/^first-model@1 {2}sha256:[0-9a-f]{64} {2}unsigned\n$/);
    const digest = said.split("  ")[1] ?? "";
    expect(await ok("list")).toMatch(/first-model@1\s+gguf\s+1 MiB\s+python\s+Apache-2.0\s+unsigned/);
    expect(await infer(digest)).toMatch(/MODEL_REFUSED/);
    expect(await refused(3, "verify", "first-model@1", "--key", `${keyFile}.pub`)).toBe("");
    expect(await ok("sign", "first-model@1", "--key", keyFile)).toMatch(/ {2}trusted\n$/);
    expect(await ok("verify", "first-model@1", "--key", `${keyFile}.pub`)).toMatch(/^ok {4}first-model@1/);
    expect(await infer(digest)).toBe("completed");
    const shown = await ok("show", "first-model");
    for (const part of [digest, "trusted", "llama F16", "2048 tokens", "chatml", "First-Model.gguf"])
      expect(shown).toContain(part);
    await ok("alias", "canary", "first-model@1");
    expect(await refused(64 + 9, "remove", "first-model@1")).toMatch(/canary points at it/);
    await ok("alias", "canary", "first-model", "--remove");
    expect(await ok("remove", "first-model@1")).toBe("first-model@1 is removed\n");
    expect(await refused(64 + 5, "show", "first-model@1")).toMatch(/no model version/);
    expect(await ok("list")).not.toContain("first-model");
  });

  it("is signed in one step, and known again", async () => {
    const path = await modelFile("signed.gguf", 62);
    expect(await ok("import", path, "--sign", keyFile)).toMatch(
      /^signed@1 .* trusted {2}\(was here before\)\n$/,
    );
    expect(await ok("import", path)).toMatch(/^signed@1 .*was here before/);
    const json = JSON.parse(await ok("import", path, "-o", "json")) as object;
    expect(json).toMatchObject({ name: "signed", version: 1, existed: true, signatureState: "TRUSTED" });
  });

  it("becomes champion only past its bars", async () => {
    const path = await modelFile("champ.gguf", 63);
    await ok("import", path);
    const why = await refused(64 + 9, "alias", "champion", "champ@1");
    expect(why).toMatch(/cannot be champion: it has no report card/);
    const report = {
      tasks: 240,
      right: 180,
      confident: 120,
      confidentWrong: 4,
      auroc: 0.95,
      coverage: 0.91,
      alpha: 0.1,
      epsilon: 0.02,
    };
    await ok("import", path, "--report", JSON.stringify({ ...report, auroc: 0.5 }));
    expect(await refused(64 + 9, "alias", "champion", "champ@1")).toMatch(/its AUROC is 0.5: at least 0.93/);
    await ok("import", path, "--report", JSON.stringify(report));
    expect(await ok("alias", "champion", "champ@1")).toBe("champion is champ@1\n");
    expect(await ok("show", "champ")).toMatch(/180 of 240 right/);
  });
});

describe("where a model can come from", () => {
  it("a file that is split into parts, by any of them", async () => {
    await mkdir(at("split"));
    const parts = Object.entries(tinyModelParts({ seed: 64 }));
    for (const [name, bytes] of parts) await writeFile(at("split", name), bytes);
    expect(await ok("import", at("split", parts[1]?.[0] ?? ""), "--name", "split")).toMatch(/^split@1/);
    expect(await ok("import", at("split"), "--name", "split")).toMatch(/^split@1.*was here before/);
    expect((await ok("show", "split")).match(/^file/gm)).toHaveLength(2);
    await rm(at("split", parts[1]?.[0] ?? ""));
    expect(await refused(2, "import", at("split"))).toMatch(/00002-of-00002.gguf is not beside it/);
  });

  it("a folder of the Hugging Face cache", async () => {
    const root = at("models--some--model");
    const snapshot = join(root, "snapshots", "abc123");
    for (const part of [join(root, "blobs"), join(root, "refs"), snapshot])
      await mkdir(part, { recursive: true });
    await writeFile(join(root, "blobs", "f00"), tinyModel({ seed: 65 }));
    await writeFile(join(root, "refs", "main"), "abc123\n");
    await symlink("../../blobs/f00", join(snapshot, "hub.gguf"));
    expect(await ok("import", root)).toMatch(/^hub@1/);
    await cp(snapshot, join(root, "snapshots", "other"), { recursive: true });
    await writeFile(join(root, "refs", "main"), "gone\n");
    expect(await refused(2, "import", root)).toMatch(/refs\/main names none of abc123, other/);
  });

  it("an address", async () => {
    const base = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
    expect(await ok("import", `${base}/dir/served.gguf`)).toMatch(/^served@1/);
    expect(await refused(2, "import", `${base}/nothing.gguf`)).toMatch(/the server answered 404/);
    expect(await refused(2, "import", "http://127.0.0.1:9/x.gguf")).toMatch(/cannot download/);
  });

  it("another server", async () => {
    expect(await ok("import", "--remote", "qwen2.5-coder:7b", "--name", "far")).toMatch(/^far@1/);
    expect(await ok("show", "far")).toMatch(/runs at\s+qwen2.5-coder:7b/);
  });

  it("a tfjs folder", async () => {
    await mkdir(at("tfjs"));
    await writeFile(at("tfjs", "model.json"), JSON.stringify({ weightsManifest: [{ paths: ["w1.bin"] }] }));
    await writeFile(at("tfjs", "w1.bin"), new Uint8Array(64).fill(3));
    expect(await ok("import", at("tfjs"), "--name", "guide")).toMatch(/^guide@1/);
    expect(await ok("list")).toMatch(/guide@1\s+tfjs/);
  });

  it.each([
    ["nothing", () => ["import", at("nowhere.gguf")], /no such file/],
    ["neither path nor server", () => ["import"], /give a path, or --remote/],
    ["a name that is none", () => ["import", at("hello.gguf"), "--name", "No Name"], /is no model/],
    ["a file of something else", () => ["import", at("hello.gguf")], /does not begin with GGUF/],
    ["safetensors", () => ["import", at("safe")], /safetensors alone are not run here/],
    ["a key that is none", () => ["import", at("hello.gguf"), "--sign", at("hello.gguf")], /private key/],
  ])("but not %s", async (_, words, wanted) => {
    await writeFile(at("hello.gguf"), "hello");
    await mkdir(at("safe"), { recursive: true });
    await writeFile(at("safe", "model.safetensors"), "x");
    expect(await refused(2, ...words())).toMatch(wanted);
  });
});

describe("a well-known model", () => {
  it.each([
    [
      "without a source",
      ["add", "qwen2.5-coder-0.5b-instruct"],
      /nothing is downloaded that you did not name/,
    ],
    ["that is not known", ["add", "gpt-17", "--from", "x"], /one of qwen2.5-coder-0.5b-instruct/],
  ])("%s is refused", async (_, words, wanted) => {
    expect(await refused(2, ...words)).toMatch(wanted);
  });

  it("of the wrong size, or with one bit flipped, is refused before anything is sent", async () => {
    const path = await modelFile("wrong.gguf", 66);
    const add = ["add", "qwen2.5-coder-0.5b-instruct", "--from", path];
    expect(await refused(2, ...add)).toMatch(/has \d+ bytes, and the publisher's has 491400064/);
    // The right size, and other bytes: a file with a hole takes no room.
    await truncate(path, 491_400_064);
    expect(await refused(2, ...add)).toMatch(/its SHA-256 is [0-9a-f]{64}, and the publisher's is 1d961463/);
    expect(await ok("list")).not.toContain("qwen2.5");
  });

  it("is stored from its publisher's file, and answers", { timeout: 300_000 }, async (test) => {
    const path = processEnv()["ANRF_TEST_GGUF"] ?? "";
    const known = KNOWN_MODELS.find(({ size }) => existsSync(path) && statSync(path).size === size);
    if (known === undefined)
      return test.skip(`set ANRF_TEST_GGUF to the file of one of ${KNOWN_MODELS.map(({ name }) => name)}`);
    const said = await ok("add", known.name, "--from", path, "--sign", keyFile);
    expect(said).toMatch(new RegExp(`^${known.name}@1  sha256:[0-9a-f]{64}  trusted`));
    const shown = await ok("show", known.name);
    for (const part of ["qwen2 Q4_K_M", "Apache-2.0", "chatml", "32768 tokens", known.sha256])
      expect(shown).toContain(part);
    expect(await infer(said.split("  ")[1] ?? "")).toBe("completed");
  });
});

it("keys are written once, and the private one for its owner alone", async () => {
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  expect(await readFile(`${keyFile}.pub`, "utf8")).toMatch(/^-----BEGIN PUBLIC KEY-----/);
  const again = await runCli(["model", "keygen", keyFile]);
  expect(again.code).toBe(2);
  expect(again.err).toMatch(/EEXIST/);
});

it("an alias that moves during a run changes nothing of the run", async () => {
  const models = system.host.client(ModelService, "edge");
  const call = await system.newCall({ deadline: Date.now() + 60_000 });
  for (const seed of [67, 68]) {
    await ok("import", await modelFile("moving.gguf", seed), "--sign", keyFile);
  }
  await ok("alias", "canary", "moving@1");
  const { digest } = await models.resolveAlias({ name: "moving", alias: "canary" }, call);
  const inference = system.host.client(InferenceService, "generation");
  const request = {
    modelDigest: digest,
    messages: [{ role: Message_Role.USER, text: "a run of some length" }],
    maxTokens: 200,
    sampling: { temperature: 2, seed: 1n, n: 3 },
  };
  const still = await hear(inference, request, call);
  let moved: Promise<unknown> | undefined;
  const moving = await hear(inference, request, call, ({ event }) => {
    if (event.case === "tokens")
      moved ??= ok("alias", "canary", "moving@2").then(() => ok("remove", "moving@1"));
    return false;
  });
  await moved;
  expect(moving.error).toBeUndefined();
  expect(moving.answers).toEqual(still.answers);
  expect((await models.resolveAlias({ name: "moving", alias: "canary" }, call)).digest).not.toBe(digest);
});

/** How a small run of a digest ends. */
async function infer(modelDigest: string): Promise<string> {
  const inference = system.host.client(InferenceService, "generation");
  const request = { modelDigest, messages: [{ role: Message_Role.USER, text: "hi" }], maxTokens: 3 };
  const call = await system.newCall({ deadline: Date.now() + 250_000 });
  const { events, error } = await hear(inference, request, call);
  return error?.details.length
    ? JSON.stringify(error.details.map(({ value }) => Buffer.from(value).toString()))
    : String(events.at(-1)?.event.case);
}
