import type { BusinessEvent } from "#platform/data/outbox.ts";

/** Somebody said something of a version; the event holds no word of it. */
export function feedbackCreated(row: {
  readonly clientId: string;
  readonly id: string;
  readonly anrfId: string;
  readonly version: number;
  readonly kind: string;
}): BusinessEvent {
  const { clientId, id, anrfId, version, kind } = row;
  return { clientId, type: "feedback.created", data: { feedbackId: id, anrfId, version, kind } };
}
