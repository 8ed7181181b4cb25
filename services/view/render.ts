import { readArtifact } from "#anrf/program/artifact.ts";
import { FORMATS, formatName, render } from "#anrf/view/view.ts";
import { GetAnrfRequest_View, type RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import { dataLoss, invalidField } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";

/** What viewing needs. */
export interface ViewDeps {
  readonly registry: Client<typeof RegistryService>;
}

/** A version in one format. */
export interface Rendered {
  readonly content: string;
  readonly format: string;
  readonly version: number;
  readonly digest: string;
}

/** Shows a version that this client may read. The registry has checked the program when it was stored. */
export async function view(
  source: { readonly anrfId: string; readonly format: string; readonly version: number },
  deps: ViewDeps,
  call: Call,
): Promise<Rendered> {
  const format = formatName(source.format);
  if (format === undefined) {
    const names = Object.keys(FORMATS).join(", ");
    throw invalidField(
      "format",
      `there is no format ${JSON.stringify(source.format.slice(0, 80))}; there are ${names}`,
    );
  }
  const { anrfId, version } = source;
  const loaded = await deps.registry.getAnrf({ anrfId, version, view: GetAnrfRequest_View.FULL }, call);
  const { document } = readArtifact(loaded.artifact ?? new Uint8Array());
  if (document === undefined)
    throw dataLoss(`the registry sent no readable file for ${anrfId}@${loaded.version}`);
  return { content: render(format, document), format, version: loaded.version, digest: loaded.digest };
}
