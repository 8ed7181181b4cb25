// Runs in the browser: what a page of somebody else would write with the stock clients.
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";

/** How the page asks. */
export interface Asked {
  readonly baseUrl: string;
  readonly key: string;
  readonly protocol: "grpc-web" | "connect";
}

function transportOf({ baseUrl, protocol }: Asked): Transport {
  return protocol === "connect"
    ? createConnectTransport({ baseUrl, useBinaryFormat: true })
    : createGrpcWebTransport({ baseUrl });
}

function told(error: unknown): { readonly code: string; readonly reason: string } {
  const found = ConnectError.from(error);
  return { code: Code[found.code], reason: found.findDetails(ErrorInfoSchema)[0]?.reason ?? "" };
}

/** Streams a generation; stops it after the event of the name `until`, if one is given. */
async function generate(asked: Asked, analysisId: string, wallSeconds: number, until: string) {
  const client = createClient(GenerationService, transportOf(asked));
  const stop = new AbortController();
  const names: string[] = [];
  let generationId = "";
  let error = { code: "", reason: "" };
  try {
    const request = { analysisId, seed: 7n, budget: { wallSeconds } };
    for await (const event of client.generateStream(request, {
      headers: { "x-api-key": asked.key },
      signal: stop.signal,
    })) {
      generationId = event.generationId;
      names.push(event.event.case ?? "");
      if (event.event.case === until) stop.abort();
    }
  } catch (thrown) {
    error = told(thrown);
  }
  return { generationId, names, error };
}

/** Reads a program; answers with its name, or with what was said instead. */
async function read(asked: Asked, anrfId: string) {
  const client = createClient(RegistryService, transportOf(asked));
  try {
    const headers: Record<string, string> = asked.key === "" ? {} : { "x-api-key": asked.key };
    return { name: (await client.getAnrf({ anrfId }, { headers })).name, error: { code: "", reason: "" } };
  } catch (thrown) {
    return { name: "", error: told(thrown) };
  }
}

Object.assign(globalThis, { page: { generate, read } });
