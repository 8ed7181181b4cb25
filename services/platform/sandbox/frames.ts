/** What a frame between the service and its child means; the numbers stay inside one process tree. */
export const FrameKind = {
  /** To the child: do this job; payload by `encodeWork`. */
  run: 1,
  /** To the child: raise the job's stop flag. */
  stop: 2,
  /** To the child: end the worker that has the job. */
  kill: 3,
  ping: 4,
  /** To the child: something for the job, which it takes when it wants. */
  feed: 5,
  /** From the child: a worker has loaded the job module; jobs may come. */
  ready: 16,
  /** From the child: the job module could not be loaded; payload: why. */
  broken: 17,
  /** From the child: something the job sends before its end. */
  message: 18,
  done: 19,
  /** From the child: the job threw; payload: its message. */
  failed: 20,
  /** From the child: the job's worker ran out of heap. */
  memory: 21,
  /** From the child: the job's worker was ended, as asked. */
  killed: 22,
  /** From the child: the job's worker ended by itself. */
  lost: 23,
  pong: 24,
} as const;

/** One of the numbers above. */
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** A message that crosses the pipe: `{length u32, job u32, kind u8, payload}`, little-endian, length of all of it. */
export interface Frame {
  readonly kind: number;
  /** 0 where the frame belongs to no job. */
  readonly job: number;
  readonly payload: Uint8Array;
}

const HEADER = 9;
const MAX_FRAME = 256 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** The bytes of one frame. */
export function encodeFrame(kind: FrameKind, job: number, payload: Uint8Array = NOTHING): Uint8Array {
  const bytes = new Uint8Array(HEADER + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(4, job, true);
  view.setUint8(8, kind);
  bytes.set(payload, HEADER);
  return bytes;
}

/** Puts frames together from pieces of a stream, wherever they were cut. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #size = 0;

  /** The frames that this piece completes; their payloads own their bytes. Throws if the stream is no frames. */
  push(piece: Uint8Array): readonly Frame[] {
    // Without this a Buffer would stay one, and its `slice` makes views where we need copies.
    this.#pieces.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
    this.#size += piece.length;
    const frames: Frame[] = [];
    for (let length = this.#next(); length !== undefined; length = this.#next()) {
      frames.push(decode(this.#take(length)));
    }
    return frames;
  }

  #next(): number | undefined {
    if (this.#size < 4) return undefined;
    const first = this.#pieces[0];
    if (this.#pieces.length > 1 && first !== undefined && first.length < 4) this.#join();
    const head = this.#pieces[0] ?? NOTHING;
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
    if (length < HEADER || length > MAX_FRAME) throw new Error(`cannot read a frame of ${length} bytes`);
    return this.#size >= length ? length : undefined;
  }

  #take(length: number): Uint8Array {
    const first = this.#pieces[0] ?? NOTHING;
    const whole = first.length >= length ? first : this.#join();
    this.#size -= length;
    if (whole.length === length) this.#pieces.shift();
    else this.#pieces[0] = whole.subarray(length);
    return whole.subarray(0, length);
  }

  #join(): Uint8Array {
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [whole];
    return whole;
  }
}

function decode(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  // A copy: the piece may be as big as the pipe's buffer, and a payload is transferred to a worker.
  return { job: view.getUint32(4, true), kind: view.getUint8(8), payload: bytes.slice(HEADER) };
}

/** What a run frame carries. */
export interface Work {
  /** Handed to the job module's `run`. */
  readonly kind: string;
  /** A worker that had this before is preferred; "" for no preference. */
  readonly affinity: string;
  readonly payload: Uint8Array;
}

/** The payload of a run frame: two texts by length, then the job's own bytes. */
export function encodeWork(work: Work): Uint8Array {
  const kind = new TextEncoder().encode(work.kind);
  const affinity = new TextEncoder().encode(work.affinity);
  const bytes = new Uint8Array(4 + kind.length + affinity.length + work.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, kind.length, true);
  view.setUint16(2, affinity.length, true);
  bytes.set(kind, 4);
  bytes.set(affinity, 4 + kind.length);
  bytes.set(work.payload, 4 + kind.length + affinity.length);
  return bytes;
}

/** Reads what `encodeWork` wrote. */
export function decodeWork(bytes: Uint8Array): Work {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const kindEnd = 4 + view.getUint16(0, true);
  const affinityEnd = kindEnd + view.getUint16(2, true);
  const text = (from: number, to: number): string => new TextDecoder().decode(bytes.subarray(from, to));
  return { kind: text(4, kindEnd), affinity: text(kindEnd, affinityEnd), payload: bytes.slice(affinityEnd) };
}
