import { GetAnrfRequest_View, type RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { asRpcError, dataLoss } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";

/** A version's file with what names it. */
export interface LoadedProgram {
  readonly anrfId: string;
  readonly version: number;
  readonly digest: string;
  readonly artifact: Uint8Array;
}

/** Programs by id and version, as this client may read them. */
export interface Programs {
  load(anrfId: string, version: number, call: Call): Promise<LoadedProgram>;
}

interface Known {
  readonly program: LoadedProgram;
  readonly at: number;
}

const FRESH_MS = 10_000;
const MAX_ENTRIES = 4_096;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Asks the registry, and keeps what it said for 10 s by (client, id, version): a program that was deleted or made
 * private goes on for that long. While the registry does not answer, the last answer stands, so that programs in use
 * go on running.
 */
export function createPrograms(registry: Client<typeof RegistryService>, now: () => number): Programs {
  const known = new Map<string, Known>();
  let bytes = 0;
  const keep = (key: string, program: LoadedProgram): void => {
    drop(key);
    known.set(key, { program, at: now() });
    bytes += program.artifact.length;
    for (const oldest of known.keys()) {
      if (known.size <= MAX_ENTRIES && bytes <= MAX_BYTES) break;
      drop(oldest);
    }
  };
  const drop = (key: string): void => {
    bytes -= known.get(key)?.program.artifact.length ?? 0;
    known.delete(key);
  };
  return {
    load: async (anrfId, version, call) => {
      const key = `${call.client.clientId} ${anrfId} ${version}`;
      const found = known.get(key);
      if (found !== undefined && now() - found.at < FRESH_MS) return found.program;
      try {
        const answer = await registry.getAnrf({ anrfId, version, view: GetAnrfRequest_View.FULL }, call);
        if (answer.artifact === undefined)
          throw dataLoss(`the registry sent no file for ${anrfId}@${answer.version}`);
        const program = { anrfId, version: answer.version, digest: answer.digest, artifact: answer.artifact };
        keep(key, program);
        return program;
      } catch (error) {
        const failure = asRpcError(error);
        if (failure.code !== Code.UNAVAILABLE) drop(key);
        else if (found !== undefined) return found.program;
        throw failure;
      }
    },
  };
}
