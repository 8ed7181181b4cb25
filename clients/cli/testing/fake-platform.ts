import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttp2, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";

/** A platform made of a few handlers, on loopback. */
export interface FakePlatform extends AsyncDisposable {
  readonly address: string;
  /** Flags that name it, with a key. */
  readonly flags: readonly string[];
  /** Headers of the last request. */
  last(): Readonly<Record<string, string | string[] | undefined>>;
}

/** Serves handlers by Connect and gRPC-Web over HTTP/1.1, or by gRPC over HTTP/2. */
export async function fakePlatform(
  routes: (router: ConnectRouter) => void,
  version: "1.1" | "2" = "1.1",
): Promise<FakePlatform> {
  let headers = {};
  const answer = connectNodeAdapter({ routes });
  const listener = ((request, response) => {
    headers = request.headers;
    answer(request, response);
  }) satisfies RequestListener;
  const server: Server | Http2Server =
    version === "1.1"
      ? createServer(listener)
      : createHttp2((request, response) => {
          headers = request.headers;
          answer(request, response);
        });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve());
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    flags: ["--address", address, "--api-key", "anrf_test_key"],
    last: () => headers,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}
