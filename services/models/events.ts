import type { BusinessEvent } from "#platform/data/outbox.ts";

/** A version of a model became visible. */
export function versionCreated(
  clientId: string,
  name: string,
  version: number,
  digest: string,
): BusinessEvent {
  return { clientId, type: "model.version.created", data: { name, version, digest } };
}

/** An alias points to another version. */
export function versionAliased(
  clientId: string,
  name: string,
  alias: string,
  version: number,
): BusinessEvent {
  return { clientId, type: "model.version.aliased", data: { name, alias, version } };
}

/** A version was hidden. */
export function versionDeleted(clientId: string, name: string, version: number): BusinessEvent {
  return { clientId, type: "model.version.deleted", data: { name, version } };
}
