import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProxy } from "../../../tests/faults.ts";
import { type S3Kind, type S3Server, startS3, through } from "../../../tests/s3.ts";
import { openFolderStore } from "./folder.ts";
import { ObjectError, type ObjectStore, validKey } from "./objects.ts";
import { openS3Store, type S3Options } from "./s3.ts";
import type { TransportLimits } from "./s3-transport.ts";

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
const servers: Record<S3Kind, S3Server | string> = { weed: "not started", versitygw: "not started" };

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "anrf-objects-"));
  for (const kind of ["weed", "versitygw"] as const) servers[kind] = await startS3(kind);
}, 240_000);

afterAll(async () => {
  for (const server of Object.values(servers))
    if (typeof server !== "string") await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

// SeaweedFS lets racing creators wait for each other by turns of seconds, on a busy machine for more than ten: what the
// suite asks is who wins, not how soon.
const PATIENT: TransportLimits = { connectMs: 30_000, idleMs: 120_000, totalMs: 240_000 };

let stores = 0;
const onServer = async (kind: S3Kind): Promise<ObjectStore | string> => {
  const server = servers[kind];
  return typeof server === "string"
    ? server
    : openS3Store({ ...server.options, bucket: `bucket-${++stores}`, limits: PATIENT });
};
const makers: Readonly<Record<string, () => Promise<ObjectStore | string>>> = {
  "a folder": () => openFolderStore(join(root, `store-${++stores}`), { durable: stores % 2 === 0 }),
  SeaweedFS: () => onServer("weed"),
  versitygw: () => onServer("versitygw"),
};

// A server that keeps objects as files of their own names cannot hold "a" beside "a/b"; no key of ours asks it to.
const NEST_NOT: ReadonlySet<string> = new Set(["versitygw"]);

/** Runs the work for every item, a few at a time. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: 12 }, lane));
}

describe.each(Object.entries(makers))("an object store in %s", (name, make) => {
  const check = (title: string, body: (store: ObjectStore) => Promise<void>): void => {
    it(title, async (test) => {
      const store = await make();
      if (typeof store === "string") return test.skip(store);
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

  check("takes and gives bytes in pieces, more than fit into one request to a server", async (store) => {
    // Above 64 MiB the S3 client sends an object in parts.
    const piece = Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 7) & 255);
    const count = 70;
    const pieces = async function* (): AsyncIterable<Uint8Array> {
      for (let at = 0; at < count; at++) yield piece;
    };
    await store.createFrom("blobs/large", pieces(), count * piece.length);
    await store.createFrom("blobs/large", pieces(), count * piece.length);
    const hash = createHash("sha256");
    for await (const part of store.read("blobs/large")) hash.update(part);
    const wanted = createHash("sha256");
    for (let at = 0; at < count; at++) wanted.update(piece);
    expect(hash.digest("hex")).toBe(wanted.digest("hex"));
  });

  check("stores nothing of pieces that throw or end early", async (store) => {
    const broken = async function* (): AsyncIterable<Uint8Array> {
      yield bytes("some");
      throw new Error("the source broke");
    };
    const short = async function* (): AsyncIterable<Uint8Array> {
      yield bytes("some");
    };
    await expect(store.createFrom("blobs/broken", broken(), 100)).rejects.toThrow("the source broke");
    await expect(store.createFrom("blobs/short", short(), 100)).rejects.toThrow("4 of 100 bytes came");
    expect(await collect(store.list(""))).toEqual([]);
    expect(
      await codeOf(
        (async () => {
          for await (const _ of store.read("blobs/short")) throw new Error("there is something to read");
        })(),
      ),
    ).toBe("MISSING");
  });

  check("never overwrites; the same bytes again are no error", async (store) => {
    await store.create("blobs/x", bytes("first"));
    await store.create("blobs/x", bytes("first"));
    expect(await codeOf(store.create("blobs/x", bytes("other")))).toBe("EXISTS");
    expect(await store.get("blobs/x")).toEqual(bytes("first"));
  });

  for (const size of [10, 300_000]) {
    check(`lets exactly one of many creators win, with ${size} bytes each`, async (store) => {
      const writers = Array.from({ length: 20 }, (_, index) => new Uint8Array(size).fill(index));
      const outcomes = await Promise.all(writers.map((body) => codeOf(store.create("race", body))));
      // Compared whole, so that a failure shows what the losers were told.
      expect(outcomes.toSorted()).toEqual([...new Array(19).fill("EXISTS"), "done"]);
      const winner = writers[outcomes.indexOf("done")] ?? new Uint8Array();
      expect(Buffer.compare(await store.get("race"), winner)).toBe(0);
    });
  }

  check("lets every creator of the same bytes succeed", async (store) => {
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => codeOf(store.create("same", bytes("one")))),
    );
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => "done"));
    expect(await collect(store.list(""))).toEqual(["same"]);
  });

  check("keeps what attempts to overwrite meet, shorter, longer or empty", async (store) => {
    await store.create("kept", bytes("the first bytes"));
    for (const other of ["", "the first", "the first bytes and more", "THE FIRST BYTES"]) {
      expect(await codeOf(store.create("kept", bytes(other)))).toBe("EXISTS");
    }
    expect(await store.get("kept")).toEqual(bytes("the first bytes"));
  });

  check("tells keys apart that are close to each other", async (store) => {
    const keys = [
      "b",
      "B",
      "b.",
      "b-",
      "b_",
      "c/a",
      "c/A",
      "c.c/a",
      "0/0",
      "00/1e5",
      "1.0.0",
      "staging/x",
      "con",
      "index.html",
      "x.tar.gz/part-1",
      `${"k".repeat(99)}/${"v".repeat(100)}`,
      "w".repeat(200),
    ];
    for (const key of keys) await store.create(key, bytes(`of ${key}`));
    for (const key of keys) expect(await store.get(key)).toEqual(bytes(`of ${key}`));
    expect((await collect(store.list(""))).sort()).toEqual([...keys].sort());
  });

  check("keeps a key that is the beginning of another's path", async (store) => {
    await store.create("a", bytes("above"));
    const outcome = await codeOf(store.create("a/b", bytes("below")));
    expect(outcome === "done").toBe(!NEST_NOT.has(name));
    expect(await store.get("a")).toEqual(bytes("above"));
    expect(await store.has("a/b")).toBe(outcome === "done");
    expect(await collect(store.list("a"))).toEqual(outcome === "done" ? ["a", "a/b"] : ["a"]);
  });

  check("lists more than one page, each key once and in order", async (store) => {
    const keys = Array.from({ length: 1_105 }, (_, index) => `many/${String(index * 7919).padStart(9, "0")}`);
    await forEach(keys, (key) => store.create(key, bytes(key)));
    await store.create("many-more", bytes("beside"));
    const listed = await collect(store.list("many/"));
    expect(listed).toHaveLength(keys.length);
    expect(listed).toEqual([...keys].sort());
  });

  check("holds large objects", async (store) => {
    const large = new Uint8Array(20 * 1024 * 1024 + 13);
    for (let at = 0; at < large.length; at += 997) large[at] = at & 255;
    await store.create("large", large);
    await store.create("large", large);
    expect(Buffer.compare(await store.get("large"), large)).toBe(0);
    expect(await codeOf(store.create("large", large.subarray(1)))).toBe("EXISTS");
  });

  check("lists the keys of a prefix in order", async (store) => {
    for (const key of ["b/2", "aa", "a/b", "a/a/c", "b/10", "ab"]) await store.create(key, bytes(key));
    expect(await collect(store.list("a"))).toEqual(["a/a/c", "a/b", "aa", "ab"]);
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
      "00",
      "1e5",
      "0x1f",
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

/** Writes until it is stopped; tells each key that was acknowledged. */
const WRITER = `
const { openFolderStore } = await import(process.argv[1]);
const store = await openFolderStore(process.argv[2]);
for (let index = 0; ; index++) {
  const key = process.argv[3] + "/" + index;
  await store.create(key, new TextEncoder().encode(key.repeat(20_000)));
  process.stdout.write(key + "\\n");
}`;

describe("a folder store whose writers are killed", () => {
  it("holds all that was acknowledged, and nothing by half", async () => {
    const folder = join(root, "killed");
    const acknowledged: string[] = [];
    for (const round of ["r0", "r1", "r2"]) {
      const child = spawn(
        process.execPath,
        ["--input-type=module", "-e", WRITER, join(import.meta.dirname, "folder.ts"), folder, round],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      let said = "";
      child.stdout.on("data", (part: Buffer) => {
        said += part.toString();
        if (said.split("\n").length > 6) child.kill("SIGKILL");
      });
      await new Promise((resolve) => child.once("close", resolve));
      acknowledged.push(...said.split("\n").slice(0, -1));
    }
    const store = await openFolderStore(folder);
    expect(acknowledged.length).toBeGreaterThanOrEqual(15);
    const found = await collect(store.list(""));
    expect(acknowledged.filter((key) => !found.includes(key))).toEqual([]);
    for (const key of found) expect(await store.get(key)).toEqual(bytes(key.repeat(20_000)));
  });
});

describe.each(["weed", "versitygw"] as const)("an S3 store whose server, %s, goes away", (kind) => {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    it(`by ${signal} amid writers keeps all that was acknowledged, and nothing by half`, async (test) => {
      const server = servers[kind];
      if (typeof server === "string") return test.skip(server);
      const store = await onServer(kind);
      if (typeof store === "string") return test.skip(store);
      const body = (key: string): Uint8Array => bytes(key.repeat(20_000));
      const acknowledged = new Set<string>();
      const failures = new Set<string>();
      let over = false;
      const writer = async (name: number): Promise<void> => {
        for (let index = 0; !over; index++) {
          const key = `writer-${name}/${index}`;
          const outcome = await codeOf(store.create(key, body(key)));
          if (outcome === "done") acknowledged.add(key);
          else failures.add(outcome);
          if (outcome !== "done") await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      const writers = Promise.all([0, 1, 2, 3].map(writer));
      const reached = async (count: number): Promise<void> => {
        while (acknowledged.size < count) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await reached(20);
      await server.stop(signal);
      const before = acknowledged.size;
      await server.start();
      await reached(before + 20);
      over = true;
      await writers;
      expect(failures).toEqual(new Set(["UNAVAILABLE"]));
      const found = await collect(store.list("writer-"));
      expect([...acknowledged].filter((key) => !found.includes(key))).toEqual([]);
      for (const key of found) expect(Buffer.compare(await store.get(key), body(key))).toBe(0);
    }, 120_000);
  }
});

describe("openS3Store", () => {
  it("says UNAVAILABLE where nobody answers", async () => {
    const nobody = { endpoint: "http://127.0.0.1:9", bucket: "anrf", accessKey: "a", secretKey: "b" };
    expect(await codeOf(openS3Store(nobody))).toBe("UNAVAILABLE");
  });
});

/** Opens it as often as it takes: on a busy machine even a healthy server may miss tight limits. */
async function openAtLast(options: S3Options): Promise<ObjectStore> {
  for (;;) {
    const opened = await openS3Store(options).catch(() => undefined);
    if (opened !== undefined) return opened;
  }
}

describe("an S3 server that does not go on", () => {
  for (const [title, fault, limits] of [
    ["is silent", { kind: "hole" }, { connectMs: 20_000, idleMs: 700, totalMs: 60_000 }],
    [
      "is slower than a request may take",
      { kind: "slow", ms: 3_000 },
      { connectMs: 20_000, idleMs: 60_000, totalMs: 700 },
    ],
  ] as const) {
    it(`${title}: UNAVAILABLE, and fine again after it`, async (test) => {
      const server = servers.weed;
      if (typeof server === "string") return test.skip(server);
      const calm = await onServer("weed");
      if (typeof calm === "string") return test.skip(calm);
      await using proxy = await startProxy(server);
      const options = { ...through(server.options, proxy.port), bucket: `bucket-${stores}` };
      const hasty = await openAtLast({ ...options, limits });
      await calm.create("there", bytes("there"));
      proxy.set(fault);
      expect(await codeOf(hasty.get("there"))).toBe("UNAVAILABLE");
      expect(await codeOf(hasty.create("new", bytes("new")))).toBe("UNAVAILABLE");
      expect(await codeOf(hasty.ping())).toBe("UNAVAILABLE");
      proxy.set({ kind: "none" });
      const after = await openS3Store(options);
      expect(await after.get("there")).toEqual(bytes("there"));
      await after.create("new", bytes("new"));
    });
  }
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
