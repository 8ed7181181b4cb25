import { parentPort, Worker, workerData } from "node:worker_threads";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { WireFailure, wireTo } from "./wire.ts";

/** Calls at once, in a thread of their own: what answers them, and its health checks, runs in another. */
export interface Burst {
  readonly url: string;
  /** A connection each; the calls are dealt out among them. */
  readonly keys: readonly string[];
  readonly calls: number;
}

const NOBODY = "018f0000-0000-7000-8000-000000000000";

/** Makes the calls, of GetAnrf; answers with the gRPC code of each. */
export async function burst(asked: Burst): Promise<readonly number[]> {
  const worker = new Worker(new URL(import.meta.url), { workerData: asked });
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
  } finally {
    await worker.terminate();
  }
}

async function make({ url, keys, calls }: Burst): Promise<readonly number[]> {
  const wires = keys.map((key) => wireTo(url, "grpc", key));
  const one = async (n: number): Promise<number> => {
    try {
      const request = { anrfId: NOBODY, alias: "x" };
      await wires[n % wires.length]?.unary(RegistryService.method.getAnrf, request);
      return 0;
    } catch (error) {
      if (error instanceof WireFailure) return error.code;
      throw error;
    }
  };
  return Promise.all(Array.from({ length: calls }, (_, n) => one(n)));
}

if (parentPort !== null && workerData !== null) parentPort.postMessage(await make(workerData as Burst));
