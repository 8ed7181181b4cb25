import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Metrics } from "./metrics.ts";
import type { Readiness } from "./target.ts";

/** What the ops port answers with. */
export interface OpsOptions {
  /** 0 for a free one. */
  readonly port: number;
  readonly address: string;
  readonly metrics: Metrics;
  /** False from the moment the process begins to stop. */
  accepting(): boolean;
  /** What the targets need; asked at most every `cacheMs`. */
  ready(): Promise<readonly Readiness[]>;
  /** Two seconds by default. */
  readonly cacheMs?: number;
}

/** The open ops port: /metrics, /healthz, /readyz (`?verbose=1` lists what is needed). */
export interface Ops extends AsyncDisposable {
  readonly port: number;
}

const CACHE_MS = 2_000;

/** Opens the ops port. /healthz looks at nothing but the process itself. */
export async function startOps(options: OpsOptions): Promise<Ops> {
  const reached = new Set<string>();
  const ready = cached(() => readyState(options, reached), options.cacheMs ?? CACHE_MS);
  const server = createServer((request, response) => {
    answer(options, ready, request, response).catch((error: unknown) => {
      response.writeHead(500, { "content-type": "text/plain" }).end(`${String(error)}\n`);
    });
  });
  const port = await listen(server, options.port, options.address);
  return {
    port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What is needed: what was never reached keeps a process from being ready, what was lost later only degrades it. */
interface ReadyState {
  readonly needs: readonly Readiness[];
  readonly degraded: readonly string[];
  readonly missing: readonly string[];
}

async function readyState(options: OpsOptions, reached: Set<string>): Promise<ReadyState> {
  const needs = await options.ready();
  for (const need of needs) if (need.ok) reached.add(need.name);
  const failing = needs.filter((need) => !need.ok).map((need) => need.name);
  return {
    needs,
    degraded: failing.filter((name) => reached.has(name)),
    missing: failing.filter((name) => !reached.has(name)),
  };
}

async function answer(
  options: OpsOptions,
  ready: () => Promise<ReadyState>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://ops");
  const send = (status: number, type: string, body: string): void => {
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  if (request.method !== "GET" && request.method !== "HEAD") return send(405, "text/plain", "only GET\n");
  switch (url.pathname) {
    case "/metrics":
      return send(200, options.metrics.contentType, await options.metrics.text());
    case "/healthz":
      return send(200, "text/plain", "ok\n");
    case "/readyz": {
      const { needs, degraded, missing } = await ready();
      const ok = options.accepting() && missing.length === 0;
      if (url.searchParams.get("verbose") !== "1")
        return send(ok ? 200 : 503, "text/plain", ok ? "ok\n" : "not ready\n");
      const body = { ready: ok, accepting: options.accepting(), degraded, needs };
      return send(ok ? 200 : 503, "application/json", `${JSON.stringify(body)}\n`);
    }
    default:
      return send(404, "text/plain", "no such page: /metrics, /healthz, /readyz\n");
  }
}

function cached<T>(ask: () => Promise<T>, ms: number): () => Promise<T> {
  let last: Promise<T> | undefined;
  let at = 0;
  return () => {
    if (last === undefined || performance.now() - at > ms) {
      at = performance.now();
      last = ask();
      last.catch(() => {
        last = undefined;
      });
    }
    return last;
  };
}

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(new Error(`cannot open the ops port ${address}:${port}: ${error.message}`, { cause: error }));
    });
    server.listen(port, address, () => {
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : port);
    });
  });
}
