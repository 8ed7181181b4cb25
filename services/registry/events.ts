import type { BusinessEvent } from "#platform/data/outbox.ts";

/** A version became visible. */
export function versionCreated(row: {
  readonly clientId: string;
  readonly anrfId: string;
  readonly version: number;
  readonly digest: string;
  readonly generationId: string;
}): BusinessEvent {
  const { anrfId, version, digest, generationId } = row;
  return {
    clientId: row.clientId,
    type: "anrf.version.created",
    data: { anrfId, version, digest, generationId },
  };
}

/** A program was hidden. */
export function anrfDeleted(clientId: string, anrfId: string): BusinessEvent {
  return { clientId, type: "anrf.deleted", data: { anrfId } };
}

/** A name points to another version. */
export function aliasSet(clientId: string, anrfId: string, alias: string, version: number): BusinessEvent {
  return { clientId, type: "anrf.alias.set", data: { anrfId, alias, version } };
}
