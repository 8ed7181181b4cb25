import { describe, expect, it } from "vitest";
import { isSecret, keyText, newKey, parseKey, secretHash } from "./keys.ts";

describe("newKey", () => {
  it("makes keys that are all different and read back", () => {
    const keys = Array.from({ length: 200 }, newKey);
    for (const key of keys) expect(parseKey(keyText(key))).toEqual(key);
    expect(new Set(keys.map((key) => key.secret)).size).toBe(200);
    expect(new Set(keys.map((key) => key.keyId)).size).toBe(200);
  });
});

describe("parseKey", () => {
  const text = keyText(newKey());
  it.each([
    "",
    "anrf",
    text.slice(1),
    text.slice(0, -1),
    `${text}x`,
    `${text}\n`,
    text.replace("anrf_", "ANRF_"),
    text.replace("-", "_"),
    ` ${text}`,
  ])("knows that %j is no key", (wrong) => {
    expect(parseKey(wrong)).toBeUndefined();
  });
});

describe("isSecret", () => {
  it("takes the secret and nothing else", () => {
    const { secret } = newKey();
    expect(isSecret(secret, secretHash(secret))).toBe(true);
    expect(isSecret(newKey().secret, secretHash(secret))).toBe(false);
    expect(isSecret("", secretHash(secret))).toBe(false);
  });
});
