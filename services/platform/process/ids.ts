import { randomFillSync } from "node:crypto";

const pool = new Uint8Array(4096);
let used = pool.length;
let lastMs = 0;
let counter = 0;

/**
 * A UUID version 7 (RFC 9562): lower case, ordered by time, and within one process strictly rising, so that a list by
 * id is a list by age.
 */
export function uuidv7(): string {
  const random = take(10);
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    counter = ((random[0] ?? 0) << 3) | ((random[1] ?? 0) & 7);
  } else if (++counter > 0xfff) {
    // The 12 bits of rand_a are used up within this millisecond: go on in the next one.
    lastMs++;
    counter = 0;
  }
  const bytes = new Uint8Array(16);
  for (let at = 0; at < 6; at++) bytes[at] = Math.floor(lastMs / 2 ** (40 - 8 * at)) & 0xff;
  bytes[6] = 0x70 | (counter >> 8);
  bytes[7] = counter & 0xff;
  bytes.set(random.subarray(2), 8);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Buffer.from(bytes).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text is a UUID of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

function take(count: number): Uint8Array {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += count;
  return pool.slice(used - count, used);
}
