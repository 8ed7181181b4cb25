import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  GetAnrfRequest_View,
  RegistryService,
  Visibility,
} from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { ArtifactSchema } from "#gen/anrf/v1/artifact_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { artifactOf } from "../../tests/programs.ts";
import { eraseTask } from "./delete.ts";
import { target } from "./target.ts";

const DOUBLE = artifactOf("# Twice a number.\nfn double(x: int) -> int { x + x }");
const TRIPLE = artifactOf("fn triple(x: int) -> int { x * 3 }");

let system: TestHost;
let registry: Client<typeof RegistryService>;
let call: Call;
let other: Call;

beforeAll(async () => {
  system = await startTestHost([target]);
  registry = system.host.client(RegistryService, "edge");
  call = await system.newCall();
  other = await system.newCall();
});
afterAll(() => system[Symbol.asyncDispose]());

const reason = (name: string) =>
  expect.objectContaining({ details: expect.anything(), message: expect.stringContaining(name) });

describe("PutAnrf", () => {
  it("stores a version that reads back byte for byte", async () => {
    const put = await registry.putAnrf({ artifact: DOUBLE }, call);
    const got = await registry.getAnrf({ anrfId: put.anrfId, view: GetAnrfRequest_View.FULL }, call);
    expect(put).toMatchObject({ version: 1, digest: expect.stringMatching(/^anrf1:[0-9a-f]{64}$/) });
    expect(got).toMatchObject({
      digest: put.digest,
      name: "double",
      summary: "Twice a number.",
      owned: true,
    });
    expect(got.signature).toMatchObject({ params: [{ name: "x", type: "int" }], returns: "int" });
    expect(Buffer.from(got.artifact ?? []).equals(Buffer.from(DOUBLE))).toBe(true);
  });

  it("numbers the versions of one program, with their lineage", async () => {
    const { anrfId } = await registry.putAnrf({ artifact: DOUBLE }, call);
    await registry.putAnrf({ anrfId, artifact: TRIPLE, parentVersion: 1 }, call);
    await registry.putAnrf({ anrfId, artifact: DOUBLE, parentVersion: 2 }, call);
    expect((await registry.getAnrf({ anrfId }, call)).lineage).toEqual([2, 1]);
    const list = await registry.listVersions({ anrfId, pageSize: 2 }, call);
    expect(list.versions.map((one) => one.version)).toEqual([3, 2]);
    const rest = await registry.listVersions({ anrfId, pageSize: 2, pageToken: list.nextPageToken }, call);
    expect(rest.versions.map((one) => one.version)).toEqual([1]);
    expect(rest.nextPageToken).toBe("");
  });

  it("lets one of two writers win who expect the same version", async () => {
    const { anrfId } = await registry.putAnrf({ artifact: DOUBLE }, call);
    const both = await Promise.allSettled(
      [1, 2, 3, 4].map(() => registry.putAnrf({ anrfId, artifact: TRIPLE, expectedVersion: 1 }, call)),
    );
    expect(both.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    const lost = both.find((one) => one.status === "rejected");
    expect(lost?.reason).toMatchObject({ code: 10, message: expect.stringContaining("read it again") });
    expect((await registry.listVersions({ anrfId }, call)).versions).toHaveLength(2);
  });

  it("gives a repeat with the same key the first answer, and refuses another body", async () => {
    const first = await registry.putAnrf({ artifact: DOUBLE, idempotencyKey: "k1" }, call);
    const again = await registry.putAnrf({ artifact: DOUBLE, idempotencyKey: "k1" }, call);
    expect(again).toEqual(first);
    const conflict = registry.putAnrf({ artifact: TRIPLE, idempotencyKey: "k1" }, call);
    await expect(conflict).rejects.toMatchObject({ code: 6 });
    const foreign = await registry.putAnrf({ artifact: DOUBLE, idempotencyKey: "k1" }, other);
    expect(foreign.anrfId).not.toBe(first.anrfId);
  });

  it.each([
    ["cut short", () => DOUBLE.subarray(0, DOUBLE.length - 20), 3],
    ["no .anrf file", () => Buffer.from("hello"), 3],
    ["with one bit flipped in its module", () => flippedModule(), 3],
    ["from a newer version", () => newer(), 9],
  ])("refuses a file %s", async (_, bytes, code) => {
    await expect(registry.putAnrf({ artifact: bytes() }, call)).rejects.toMatchObject({ code });
  });

  it("refuses a new version of a program that is not there, and of one that is another's", async () => {
    const foreign = await registry.putAnrf({ artifact: DOUBLE }, other);
    for (const anrfId of [foreign.anrfId, "01890000-0000-7000-8000-000000000000"]) {
      await expect(registry.putAnrf({ anrfId, artifact: DOUBLE }, call)).rejects.toMatchObject({ code: 5 });
    }
  });

  it("leaves a gap, and nothing half written, when it dies between number and row", async () => {
    const { anrfId } = await registry.putAnrf({ artifact: DOUBLE }, call);
    // What a crash leaves: a number that was taken, and an object that no row names.
    await system.database.db.updateTable("anrfs").set({ next_version: 3 }).where("id", "=", anrfId).execute();
    await system.objects.create(`anrf/${anrfId}/2.anrf`, TRIPLE);
    expect((await registry.listVersions({ anrfId }, call)).versions).toHaveLength(1);
    await expect(registry.getAnrf({ anrfId, version: 2 }, call)).rejects.toMatchObject({ code: 11 });
    expect((await registry.putAnrf({ anrfId, artifact: TRIPLE }, call)).version).toBe(3);
    await expect(registry.getAnrf({ anrfId, version: 2 }, call)).rejects.toMatchObject({ code: 5 });
  });
});

describe("reading", () => {
  it("hides a private program from others, and shows a public one that only its owner writes", async () => {
    const { anrfId } = await registry.putAnrf({ artifact: DOUBLE }, call);
    await expect(registry.getAnrf({ anrfId }, other)).rejects.toMatchObject({ code: 5 });
    await registry.putAnrf({ anrfId, artifact: TRIPLE, visibility: Visibility.PUBLIC }, call);
    expect((await registry.getAnrf({ anrfId }, other)).owned).toBe(false);
    await expect(registry.putAnrf({ anrfId, artifact: DOUBLE }, other)).rejects.toMatchObject({ code: 7 });
    await expect(registry.deleteAnrf({ anrfId }, other)).rejects.toMatchObject({ code: 7 });
    await expect(registry.setAnrfAlias({ anrfId, alias: "stable", version: 1 }, other)).rejects.toMatchObject(
      { code: 7 },
    );
  });

  it("tells a version past the end from one that is not there", async () => {
    const { anrfId } = await registry.putAnrf({ artifact: DOUBLE }, call);
    await expect(registry.getAnrf({ anrfId, version: 9 }, call)).rejects.toMatchObject({ code: 11 });
    await expect(registry.getAnrf({ anrfId, alias: "nope" }, call)).rejects.toMatchObject({ code: 5 });
  });

  it("serves no bytes that do not match their digest", async () => {
    const { anrfId } = await registry.putAnrf({ artifact: DOUBLE }, call);
    const [file] = (await readdir(system.folder, { recursive: true })).filter(
      (name) => name.includes(anrfId) && name.endsWith("1.anrf"),
    );
    const path = join(system.folder, file ?? "");
    const bytes = await readFile(path);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const got = registry.getAnrf({ anrfId }, call);
    await expect(got).rejects.toMatchObject({ code: 15 });
  });

  it("finds programs by words and by signature, newest first, page by page", async () => {
    const mine = await system.newCall();
    for (const source of [DOUBLE, TRIPLE, DOUBLE]) await registry.putAnrf({ artifact: source }, mine);
    const page = await registry.listAnrfs({ pageSize: 2 }, mine);
    expect(page.anrfs.map((one) => one.name)).toEqual(["double", "triple"]);
    const last = await registry.listAnrfs({ pageSize: 2, pageToken: page.nextPageToken }, mine);
    expect(last.anrfs[0]?.name).toBe("double");
    const found = await registry.listAnrfs({ query: "twice number" }, mine);
    expect(found.anrfs.filter((one) => one.owned).map((one) => one.name)).toEqual(["double", "double"]);
    expect((await registry.listAnrfs({ signature: "(int)->int" }, mine)).anrfs.length).toBeGreaterThanOrEqual(
      3,
    );
    expect((await registry.listAnrfs({ signature: "(string) -> int" }, mine)).anrfs).toHaveLength(0);
    await expect(registry.listAnrfs({ signature: "(list<)" }, mine)).rejects.toEqual(reason("signature"));
    await expect(
      registry.listAnrfs({ query: "x", pageToken: page.nextPageToken }, mine),
    ).rejects.toMatchObject({ code: 3 });
  });

  it("downloads the file with its media type", async () => {
    const { anrfId } = await registry.putAnrf({ artifact: DOUBLE }, call);
    const { file } = await registry.downloadAnrf({ anrfId, version: 1 }, call);
    expect(file?.contentType).toBe("application/vnd.anrf.v1+protobuf");
    expect(Buffer.from(file?.data ?? []).equals(Buffer.from(DOUBLE))).toBe(true);
  });
});

describe("aliases and deletion", () => {
  it("moves a name only from the state that the caller saw", async () => {
    const { anrfId } = await registry.putAnrf({ artifact: DOUBLE }, call);
    await registry.putAnrf({ anrfId, artifact: TRIPLE }, call);
    const first = await registry.setAnrfAlias({ anrfId, alias: "stable", version: 1 }, call);
    const second = await registry.setAnrfAlias(
      { anrfId, alias: "stable", version: 2, etag: first.etag },
      call,
    );
    expect(second.etag).not.toBe(first.etag);
    expect((await registry.getAnrf({ anrfId, alias: "stable" }, call)).version).toBe(2);
    const stale = registry.setAnrfAlias({ anrfId, alias: "stable", version: 1, etag: first.etag }, call);
    await expect(stale).rejects.toMatchObject({ code: 10 });
    await expect(registry.setAnrfAlias({ anrfId, alias: "stable", version: 7 }, call)).rejects.toMatchObject({
      code: 11,
    });
  });

  it("hides a deleted program at once and erases it later", async () => {
    const { anrfId } = await registry.putAnrf({ artifact: DOUBLE }, call);
    await registry.setAnrfAlias({ anrfId, alias: "stable", version: 1 }, call);
    await registry.deleteAnrf({ anrfId }, call);
    await expect(registry.getAnrf({ anrfId }, call)).rejects.toMatchObject({ code: 5 });
    await expect(registry.deleteAnrf({ anrfId }, call)).rejects.toMatchObject({ code: 5 });
    const erase = eraseTask({ database: system.database, objects: system.objects }, 7);
    await erase.run(null, new AbortController().signal);
    expect(await system.objects.has(`anrf/${anrfId}/1.anrf`)).toBe(true);
    await system.database.db
      .updateTable("anrfs")
      .set({ delete_time: new Date(Date.now() - 8 * 86_400_000) })
      .where("id", "=", anrfId)
      .execute();
    await erase.run(null, new AbortController().signal);
    expect(await system.objects.has(`anrf/${anrfId}/1.anrf`)).toBe(false);
  });
});

function flippedModule(): Uint8Array {
  // A copy: decoded bytes are views of what they were decoded from.
  const artifact = fromBinary(ArtifactSchema, DOUBLE.slice());
  artifact.module[artifact.module.length - 1] = (artifact.module.at(-1) ?? 0) ^ 1;
  return toBinary(ArtifactSchema, artifact);
}

function newer(): Uint8Array {
  // A copy: decoded bytes are views of what they were decoded from.
  const artifact = fromBinary(ArtifactSchema, DOUBLE.slice());
  if (artifact.header !== undefined) artifact.header.minReaderMinor = 2;
  return toBinary(ArtifactSchema, artifact);
}
