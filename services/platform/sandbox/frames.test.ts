import { describe, expect, it } from "vitest";
import { decodeWork, encodeFrame, encodeWork, type Frame, FrameKind, FrameReader } from "./frames.ts";

const frames = [
  encodeFrame(FrameKind.ping, 0),
  encodeFrame(FrameKind.run, 7, Uint8Array.of(1, 2, 3)),
  encodeFrame(FrameKind.done, 0xffff_ffff, new Uint8Array(5_000).fill(9)),
];
const stream = new Uint8Array(Buffer.concat(frames));

describe("FrameReader", () => {
  it.each([1, 2, 3, 4, 5, 8, 9, 10, 100, 5_000, 100_000])("reads frames from pieces of %i bytes", (size) => {
    const reader = new FrameReader();
    const read: Frame[] = [];
    for (let at = 0; at < stream.length; at += size) {
      // As a Buffer, as sockets give them.
      read.push(...reader.push(Buffer.from(stream.subarray(at, at + size))));
    }
    expect(read.map(({ kind, job, payload }) => [kind, job, payload.length])).toEqual([
      [FrameKind.ping, 0, 0],
      [FrameKind.run, 7, 3],
      [FrameKind.done, 0xffff_ffff, 5_000],
    ]);
    expect(read[1]?.payload).toEqual(Uint8Array.of(1, 2, 3));
    // Each payload has a buffer of its own, so that it can be moved to a worker.
    for (const { payload } of read) expect(payload.buffer.byteLength).toBe(payload.length);
  });

  it.each([[0], [8], [0xffff_ffff]])("refuses a frame of %i bytes", (length) => {
    const head = new Uint8Array(9);
    new DataView(head.buffer).setUint32(0, length, true);
    expect(() => new FrameReader().push(head)).toThrow(/frame of/);
  });
});

describe("encodeWork", () => {
  it.each([
    ["run", "", new Uint8Array()],
    ["größer", "anrf1:abc", Uint8Array.of(0, 255)],
  ])("keeps %s, %s and the payload", (kind, affinity, payload) => {
    expect(decodeWork(encodeWork({ kind, affinity, payload }))).toEqual({ kind, affinity, payload });
  });
});
