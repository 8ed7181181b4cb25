import { readFileSync } from "node:fs";
import type { EdgeRequest } from "./request.ts";

const FILES: Readonly<Record<string, { readonly file: URL; readonly type: string }>> = {
  "/openapi.json": { file: new URL("../../gen/openapi.json", import.meta.url), type: "application/json" },
  "/openapi.yaml": { file: new URL("../../gen/openapi.yaml", import.meta.url), type: "application/yaml" },
};

/** The OpenAPI document of the REST paths, without a key; undefined for every other path. */
export function openApiPage(request: EdgeRequest, url: URL): Promise<Response> | undefined {
  const found = Object.hasOwn(FILES, url.pathname) ? FILES[url.pathname] : undefined;
  if (found === undefined || request.method !== "GET") return undefined;
  return Promise.resolve(new Response(readFileSync(found.file), { headers: { "content-type": found.type } }));
}
