import { access, constants } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";

/** A page of another origin than the gateways', open in a browser. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
}

/** The path of a Chromium: CHROMIUM_BIN's, else the one on the path. */
export async function findChromium(): Promise<string | undefined> {
  const given = process.env["CHROMIUM_BIN"] ?? "";
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const places =
    given === ""
      ? folders.flatMap((folder) => [join(folder, "chromium"), join(folder, "chromium-browser")])
      : [given];
  for (const place of places) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return place;
  }
  return undefined;
}

/** A server of one page on loopback, with the script of page.ts in it. */
export async function servePage(): Promise<AsyncDisposable & { readonly origin: string }> {
  const script = await bundle(join(import.meta.dirname, "page.ts"));
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    response.end(
      isScript ? script : '<!doctype html><title>page</title><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bundle(entry: string): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: "error",
    root: join(import.meta.dirname, "../.."),
    build: { write: false, minify: false, rollupOptions: { input: entry, output: { format: "es" } } },
  });
  const outputs = (Array.isArray(made) ? made : [made]).flatMap((one) => ("output" in one ? one.output : []));
  const code = outputs.flatMap((chunk) => (chunk.type === "chunk" ? [chunk.code] : []));
  if (code.length !== 1) throw new Error(`the page's script came in ${code.length} pieces`);
  return code[0] ?? "";
}

/** Opens the page. */
export async function openPage(executablePath: string, origin: string): Promise<OpenPage> {
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  const browser: Browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage();
  await page.goto(origin);
  await page.waitForFunction("globalThis.page !== undefined");
  return { page, [Symbol.asyncDispose]: () => browser.close() };
}
