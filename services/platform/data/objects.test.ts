import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type S3Server, startS3 } from "../../../tests/s3.ts";
import { openFolderStore } from "./folder.ts";
import { ObjectError, type ObjectStore, validKey } from "./objects.ts";
import { openS3Store } from "./s3.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof ObjectError ? error.code : String(error)),
  );
const collect = async (keys: AsyncIterable<string>): Promise<string[]> => {
  const all: string[] = [];
  for await (const key of keys) all.push(key);
  return all;
};

let root = "";
let server: S3Server | string = "not started";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "anrf-objects-"));
  server = await startS3();
});

afterAll(async () => {
  if (typeof server !== "string") await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

let stores = 0;
const makers: Readonly<Record<string, () => Promise<ObjectStore | string>>> = {
  "a folder": () => openFolderStore(join(root, `store-${++stores}`), { durable: stores % 2 === 0 }),
  S3: async () =>
    typeof server === "string" ? server : openS3Store({ ...server.options, bucket: `bucket-${++stores}` }),
};

describe.each(Object.keys(makers))("an object store in %s", (name) => {
  const check = (title: string, body: (store: ObjectStore) => Promise<void>): void => {
    it(title, async (test) => {
      const store = await makers[name]?.();
      if (store === undefined || typeof store === "string") {
        console.warn(`skipped: ${store}`);
        return test.skip(store);
      }
      await body(store);
    });
  };

  check("gives back what was created, byte for byte", async (store) => {
    const every = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) & 255);
    await store.create("anrf/a/1.anrf", every);
    await store.create("anrf/a/2.anrf", new Uint8Array());
    expect(Buffer.compare(await store.get("anrf/a/1.anrf"), every)).toBe(0);
    expect(await store.get("anrf/a/2.anrf")).toHaveLength(0);
    expect(await store.has("anrf/a/1.anrf")).toBe(true);
    expect(await store.has("anrf/a")).toBe(false);
    await store.ping();
  });

  check("never overwrites; the same bytes again are no error", async (store) => {
    await store.create("blobs/x", bytes("first"));
    await store.create("blobs/x", bytes("first"));
    expect(await codeOf(store.create("blobs/x", bytes("other")))).toBe("EXISTS");
    expect(await store.get("blobs/x")).toEqual(bytes("first"));
  });

  check("lets exactly one of many creators win", async (store) => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => codeOf(store.create("race", bytes(`writer ${index}`)))),
    );
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "EXISTS")).toHaveLength(19);
    expect(await store.get("race")).toEqual(bytes(`writer ${outcomes.indexOf("done")}`));
  });

  check("lists the keys of a prefix in order", async (store) => {
    for (const key of ["b/2", "a", "a/b", "a/a/c", "b/10", "ab"]) await store.create(key, bytes(key));
    expect(await collect(store.list("a"))).toEqual(["a", "a/a/c", "a/b", "ab"]);
    expect(await collect(store.list("b/"))).toEqual(["b/10", "b/2"]);
    expect(await collect(store.list(""))).toHaveLength(6);
    expect(await collect(store.list("z"))).toEqual([]);
  });

  check("removes, and says what is missing", async (store) => {
    await store.create("gone", bytes("1"));
    await store.remove("gone");
    await store.remove("gone");
    expect(await store.has("gone")).toBe(false);
    expect(await codeOf(store.get("gone"))).toBe("MISSING");
    await store.create("gone", bytes("2"));
    expect(await store.get("gone")).toEqual(bytes("2"));
  });

  check("refuses keys that could mean another place", async (store) => {
    for (const key of [
      "",
      "/a",
      "a/",
      "a//b",
      "../x",
      "a/../b",
      ".hidden",
      "a\0b",
      "a b",
      "ä",
      "a+b",
      "x".repeat(201),
    ]) {
      await expect(store.create(key, bytes("x"))).rejects.toThrow(/object key/);
      await expect(store.get(key)).rejects.toThrow(/object key/);
      await expect(store.has(key)).rejects.toThrow(/object key/);
      await expect(store.remove(key)).rejects.toThrow(/object key/);
    }
    expect(await collect(store.list(""))).toEqual([]);
  });
});

describe("openFolderStore", () => {
  it("keeps objects across openings and drops what a killed writer left", async () => {
    const folder = join(root, "reopened");
    const store = await openFolderStore(folder);
    await store.create("kept/1", bytes("kept"));
    const old = join(folder, "staging", "old");
    await writeFile(old, "half");
    await utimes(old, 1, 1);
    await writeFile(join(folder, "staging", "young"), "half");
    const again = await openFolderStore(folder);
    expect(await again.get("kept/1")).toEqual(bytes("kept"));
    expect(await readdir(join(folder, "staging"))).toEqual(["young"]);
    expect(await collect(again.list(""))).toEqual(["kept/1"]);
  });
});

describe("openS3Store", () => {
  it("says UNAVAILABLE where nobody answers", async () => {
    const nobody = { endpoint: "http://127.0.0.1:9", bucket: "anrf", accessKey: "a", secretKey: "b" };
    expect(await codeOf(openS3Store(nobody))).toBe("UNAVAILABLE");
  });
});

describe("validKey", () => {
  it("takes the keys of programs and blobs", () => {
    for (const key of [
      "anrf/019a-b/12.anrf",
      "blobs/sha256/00ff",
      "models/name/1/manifest.json",
      "a".repeat(200),
    ]) {
      expect(validKey(key)).toBe(key);
    }
  });
});
