import { deflateRawSync, inflateRawSync } from "node:zlib";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import {
  type GenerationEvent,
  GenerationEventSchema,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";

/** What an event says, as it is made. */
export type EventBody = NonNullable<MessageInitShape<typeof GenerationEventSchema>["event"]>;

/** Events that a slow reader may miss. */
const PASSING: ReadonlySet<string | undefined> = new Set(["queued", "progress", "heartbeat"]);
/** So many events behind, a reader is slow. */
const BEHIND = 64;

/** Whether an event is the last one of its generation. */
export function isLast(event: GenerationEvent): boolean {
  return event.event.case === "completed" || event.event.case === "failed";
}

/** Whether an event takes part in a replay. */
export function isPassing(event: GenerationEvent): boolean {
  return PASSING.has(event.event.case);
}

/** Events that are not stored yet. */
export interface Unflushed {
  readonly first: number;
  readonly last: number;
  readonly events: Uint8Array;
}

/** The events of one generation in its own process. Writing never waits for a reader, and readers never for each other. */
export class EventLog {
  readonly generationId: string;
  readonly #events: GenerationEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #flushed = 0;
  #writtenAt = performance.now();

  constructor(generationId: string) {
    this.generationId = generationId;
  }

  /** Milliseconds since the last event. */
  get silentMs(): number {
    return performance.now() - this.#writtenAt;
  }

  /** Whether the last event was written. */
  get isEnded(): boolean {
    const last = this.#events.at(-1);
    return last !== undefined && isLast(last);
  }

  /** The next event, not yet visible: it is stored before anybody hears of it. */
  draft(event: EventBody): GenerationEvent {
    return create(GenerationEventSchema, {
      generationId: this.generationId,
      sequence: this.#events.length + 1,
      createTime: timestampNow(),
      event,
    });
  }

  /** Shows a draft to readers; nothing follows the last event. */
  publish(event: GenerationEvent): void {
    if (this.isEnded) return;
    if (event.sequence !== this.#events.length + 1) throw new Error(`event ${event.sequence} is out of turn`);
    this.#events.push(event);
    this.#writtenAt = performance.now();
    for (const wake of [...this.#waiting]) wake();
  }

  append(event: EventBody): void {
    this.publish(this.draft(event));
  }

  /** Events that are not stored yet, together with a draft that is about to be. */
  unflushed(draft?: GenerationEvent): Unflushed | undefined {
    const events = this.#events.slice(this.#flushed);
    if (draft !== undefined) events.push(draft);
    const [first] = events;
    const last = events.at(-1);
    if (first === undefined || last === undefined) return undefined;
    return { first: first.sequence, last: last.sequence, events: encodeEvents(events) };
  }

  /** Events up to this one are stored. */
  flushed(last: number): void {
    this.#flushed = Math.max(this.#flushed, last);
  }

  /** The events after a sequence, then each as it comes, to the last one. A reader far behind misses passing ones. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, undefined> {
    let next = after;
    for (;;) {
      for (let event = this.#events[next]; event !== undefined; event = this.#events[next]) {
        next++;
        if (isPassing(event) && this.#events.length - next > BEHIND) continue;
        yield event;
        if (isLast(event)) return;
      }
      if (this.isEnded) return;
      await this.#changed(signal);
    }
  }

  #changed(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiting.delete(settle);
        signal.removeEventListener("abort", settle);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      this.#waiting.add(settle);
      signal.addEventListener("abort", settle);
    });
  }
}

/** Events as stored: each behind its length, all compressed. */
export function encodeEvents(events: readonly GenerationEvent[]): Uint8Array {
  const parts = events.flatMap((event) => {
    const bytes = toBinary(GenerationEventSchema, event);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return [length, bytes];
  });
  return deflateRawSync(Buffer.concat(parts));
}

/** What `encodeEvents` stored. */
export function decodeEvents(stored: Uint8Array): readonly GenerationEvent[] {
  const bytes = inflateRawSync(stored);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: GenerationEvent[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint32(at);
    events.push(fromBinary(GenerationEventSchema, bytes.subarray(at + 4, end)));
    at = end;
  }
  return events;
}
