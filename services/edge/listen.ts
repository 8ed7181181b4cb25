import { createServer as createHttp1, type Server as Http1Server } from "node:http";
import { createServer as createHttp2, type Http2Server, type ServerHttp2Session } from "node:http2";
import { type AddressInfo, createServer as createNet, type Server as NetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTls, type TLSSocket, type Server as TlsServer } from "node:tls";
import type { Certificate } from "#platform/process/certificate.ts";
import type { EdgeRequest, EdgeResponse } from "./request.ts";

/** Answers one request of either HTTP version. */
export type Answer = (request: EdgeRequest, response: EdgeResponse) => void;

/** Where to listen, and what answers. */
export interface ListenOptions {
  readonly address: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly answer: Answer;
  /** A second port; undefined: none. */
  readonly tls?: TlsOptions | undefined;
  /** The JSON body for a request that HTTP itself refuses. */
  refusal(status: number, message: string): string;
}

/** How the port with TLS is opened. */
export interface TlsOptions {
  /** 0 for a free one. */
  readonly port: number;
  readonly certificate: Certificate;
  /** Of a client that has to show a certificate: the URIs of which it has to hold one; empty: any. */
  readonly clientSans: readonly string[];
}

/** An open port, or two. */
export interface Listener {
  readonly port: number;
  /** 0 without TLS. */
  readonly tlsPort: number;
  /** For connections from now on; those that stand go on. */
  setCertificate(certificate: Certificate): void;
  /** Takes no new connections and no new requests; resolves when those under way have ended. */
  drain(): Promise<void>;
  /** Cuts what is left. */
  close(): Promise<void>;
}

const HEADER_BYTES = 32 * 1024;
const HEADERS_MS = 10_000;
const FIRST_BYTE_MS = 30_000;
/** Most headers of a request; more are refused with 431. */
export const MAX_HEADERS = 100;
const MAX_STREAMS = 1000;
const WINDOW_BYTES = 64 * 1024;

/**
 * One port for HTTP/1.1 and HTTP/2 without TLS: the first bytes of a connection say which, `PRI` being HTTP/2's
 * preface and no method of HTTP/1.1.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const http1 = startHttp1(options);
  const sessions = new Set<ServerHttp2Session>();
  const http2 = startHttp2(options, sessions);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const plain = createNet((socket) => {
    keep(socket);
    route(socket, http1, http2);
  });
  const { tls } = options;
  const secure = tls === undefined ? undefined : startTls(tls, keep, http1, http2);
  const ports = [plain, ...(secure === undefined ? [] : [secure])];
  await open(plain, options.port, options.address);
  if (secure !== undefined) await open(secure, tls?.port ?? 0, options.address);
  const closed = Promise.all(ports.map((port) => new Promise((resolve) => port.once("close", resolve))));
  const closePorts = (): void => {
    for (const port of ports) port.close();
  };
  return {
    port: (plain.address() as AddressInfo).port,
    tlsPort: secure === undefined ? 0 : (secure.address() as AddressInfo).port,
    setCertificate: (certificate) => secure?.setSecureContext(contextOf(certificate)),
    drain: async () => {
      closePorts();
      http1.closeIdleConnections();
      for (const session of sessions) session.close();
      const idle = setInterval(() => http1.closeIdleConnections(), 100);
      await closed;
      clearInterval(idle);
    },
    close: async () => {
      closePorts();
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function open(server: NetServer, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** The same behind TLS, which has settled the version of HTTP before its first byte. */
function startTls(
  { certificate, clientSans }: TlsOptions,
  keep: (socket: Socket) => void,
  http1: Http1Server,
  http2: Http2Server,
): TlsServer {
  const mutual = certificate.clientCa !== undefined;
  const server = createTls(
    {
      ...contextOf(certificate),
      ALPNProtocols: ["h2", "http/1.1"],
      requestCert: mutual,
      rejectUnauthorized: mutual,
      handshakeTimeout: HEADERS_MS,
    },
    (socket) => {
      keep(socket);
      if (mutual && clientSans.length > 0 && !holdsOne(socket, clientSans)) return socket.destroy();
      (socket.alpnProtocol === "h2" ? http2 : http1).emit("connection", socket);
      return undefined;
    },
  );
  // Whoever cannot agree on TLS gets no answer that it could read.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server;
}

function contextOf({ cert, key, clientCa }: Certificate) {
  return { cert, key, minVersion: "TLSv1.2" as const, ...(clientCa === undefined ? {} : { ca: clientCa }) };
}

// Names with a comma or a quote in them stand in quotes: they hide no other name.
const ALTERNATIVE_NAME = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g;

/** Whether the certificate of the other side holds one of these URIs. */
function holdsOne(socket: TLSSocket, uris: readonly string[]): boolean {
  const names = socket.getPeerCertificate().subjectaltname ?? "";
  return [...names.matchAll(ALTERNATIVE_NAME)].some(
    ([, kind, name = ""]) => kind === "URI" && uris.includes(name),
  );
}

function startHttp1(options: ListenOptions): Http1Server {
  const server = createHttp1(
    {
      maxHeaderSize: HEADER_BYTES,
      requestTimeout: 0,
      headersTimeout: HEADERS_MS,
      // The gate refuses a request without one, in the form of every other error.
      requireHostHeader: false,
    },
    options.answer,
  );
  server.maxHeadersCount = MAX_HEADERS + 1;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy();
    const [status, message] = clientError(error.code ?? "");
    const body = options.refusal(status, message);
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? "Error"}\r\ncontent-type: application/json\r\nconnection: close\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    return undefined;
  });
  return server;
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

function clientError(code: string): readonly [status: number, message: string] {
  if (code === "HPE_HEADER_OVERFLOW") return [431, `the headers are larger than ${HEADER_BYTES} bytes`];
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return [408, "the headers came too slowly"];
  return [400, "the request is not valid HTTP"];
}

function startHttp2(options: ListenOptions, sessions: Set<ServerHttp2Session>): Http2Server {
  const server = createHttp2(
    {
      settings: {
        maxConcurrentStreams: MAX_STREAMS,
        initialWindowSize: WINDOW_BYTES,
        maxHeaderListSize: HEADER_BYTES,
      },
      maxHeaderListPairs: MAX_HEADERS + 10,
    },
    options.answer,
  );
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
  });
  server.on("sessionError", () => {});
  return server;
}

/** Reads until the protocol is known, gives the bytes back, and hands the connection on. */
function route(socket: Socket, http1: Http1Server, http2: Http2Server): void {
  socket.setTimeout(FIRST_BYTE_MS, () => socket.destroy());
  let head = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const same = head.subarray(0, 3).equals(Buffer.from("PRI").subarray(0, head.length));
    if (same && head.length < 3) return;
    socket.off("data", onData);
    socket.pause();
    socket.setTimeout(0);
    socket.removeAllListeners("timeout");
    socket.unshift(head);
    (same ? http2 : http1).emit("connection", socket);
    // HTTP/1.1 reads as soon as the socket flows; without a turn in between the bytes given back are lost.
    process.nextTick(() => socket.resume());
  };
  socket.on("data", onData);
}
