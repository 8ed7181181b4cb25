import { readFileSync } from "node:fs";

interface Page {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** Paths of this target; gateways send them here, without a key. */
export const PAGE_PATHS = ["/openapi.json", "/openapi.yaml"] as const;

/** Reads the pages once; they are printed into gen/ with the contract. */
export function readPages(): ReadonlyMap<string, Page> {
  const read = (name: string): Uint8Array<ArrayBuffer> =>
    new Uint8Array(readFileSync(new URL(`../../gen/${name}`, import.meta.url)));
  return new Map([
    ["/openapi.json", { body: read("openapi.json"), type: "application/json" }],
    ["/openapi.yaml", { body: read("openapi.yaml"), type: "application/yaml" }],
  ]);
}

/** Answers GET of a page; 404 for anything else. */
export function answerPage(pages: ReadonlyMap<string, Page>, request: Request): Response {
  const page = request.method === "GET" ? pages.get(new URL(request.url).pathname) : undefined;
  if (page === undefined)
    return new Response("no such page\n", { status: 404, headers: { "content-type": "text/plain" } });
  return new Response(page.body, { headers: { "content-type": page.type, "cache-control": "no-cache" } });
}
