import type { JsonObject } from "@bufbuild/protobuf";
import { usage } from "./failure.ts";
import { readJson } from "./given.ts";
import type { Io } from "./io.ts";
import type { Flags } from "./parse.ts";

/** The content of a context, given by --content. */
export async function contentOf(flags: Flags, io: Io): Promise<JsonObject> {
  const text = flags.text("content");
  if (text === undefined) {
    throw usage(
      "cannot store a context",
      "--content is missing",
      `--content '{"doc":"amounts are cents"}' or @FILE`,
    );
  }
  const json = await readJson("the content", text, io);
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  throw usage("cannot store a context", "its content is no JSON object");
}
