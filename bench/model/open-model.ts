import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { InferenceService } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { openFolderStore } from "#platform/data/folder.ts";
import { startHost } from "#platform/process/host.ts";
import { createLogger } from "#platform/process/log.ts";
import type { Call } from "#platform/rpc/call.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { target } from "../../services/inference/target.ts";
import { TOPOLOGY } from "../../services/topology.ts";
import { callOf } from "../../tests/host.ts";
import { putModel } from "../../tests/models.ts";
import type { ModelOptions } from "../solve.ts";

/** The inference service in this process, with one model that it may load into its children. */
export interface OpenModel extends AsyncDisposable {
  readonly inference: Client<typeof InferenceService>;
  /** A call that may take a day. */
  readonly call: Call;
  /** The name of the file. */
  readonly name: string;
  /** Of its manifest in the registry. */
  readonly digest: string;
  /** SHA-256 of the file, in hex. */
  readonly weights: string;
}

/** Puts a GGUF file that writes chatml into a registry of its own, and opens the service that runs it. */
export async function openModel({
  file,
  backend,
}: Pick<ModelOptions, "file" | "backend">): Promise<OpenModel> {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "anrf-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const objects = await openFolderStore(folder, { durable: false });
  const host = stack.use(
    await startHost({
      topology: TOPOLOGY,
      targets: [target],
      env: { ANRF_DATA: folder, ANRF_MODELS_UNSIGNED: "allow", ANRF_INFERENCE_BACKEND: backend },
      mesh: false,
      objects,
      log: createLogger({ level: "silent" }),
    }),
  );
  const name = basename(file);
  return {
    inference: host.client(InferenceService, "generation"),
    call: { ...callOf(randomUUID()), deadline: Date.now() + 24 * 3_600_000 },
    name,
    digest: await putModel(objects, { [name]: file }, { chatFormat: "chatml" }),
    weights: await sha256Of(file),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest("hex");
}
