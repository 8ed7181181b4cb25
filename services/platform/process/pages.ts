import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** Answers a request for a page. */
export type Pages = (request: Request) => Promise<Response>;

/** Pages behind a port. */
export interface PageServer extends AsyncDisposable {
  readonly port: number;
}

/** Opens plain HTTP/1.1 for pages; requests have no body. */
export async function startPageServer(address: string, port: number, pages: Pages): Promise<PageServer> {
  const server = createServer((request, response) => {
    answer(pages, request, response).catch(() => {
      response.statusCode = 500;
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => resolve());
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(pages: Pages, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://web");
  const found = await pages(new Request(url, { method: request.method ?? "GET" }));
  response.writeHead(found.status, Object.fromEntries(found.headers));
  response.end(new Uint8Array(await found.arrayBuffer()));
}

/** Pages of a target that runs elsewhere. */
export function remotePages(origin: string): Pages {
  return (request) => {
    const { pathname, search } = new URL(request.url);
    return fetch(new URL(pathname + search, origin), {
      method: request.method,
      signal: AbortSignal.timeout(5_000),
    });
  };
}
