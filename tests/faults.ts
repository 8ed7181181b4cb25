import { createServer, type Server, Socket } from "node:net";

/** What a proxy does to what passes through it. */
export type Fault =
  /** Nothing. */
  | { readonly kind: "none" }
  /** Every piece of an answer comes that much later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** HTTP: an answer with this status, without asking the server. */
  | { readonly kind: "status"; readonly status: number }
  /** The first piece of the answer is passed on by half, then the connection breaks. */
  | { readonly kind: "cut" }
  /** The server gets all of it and answers, then the connection breaks: the client hears nothing. */
  | { readonly kind: "lose" }
  /** Nothing is passed on and nothing ends. */
  | { readonly kind: "hole" }
  /** Connections are closed as soon as they are made, or used. */
  | { readonly kind: "refuse" };

/** A TCP proxy on 127.0.0.1 that can misbehave. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** How many exchanges the present fault has struck. */
  readonly struck: number;
  /**
   * From now on this happens to what a client sends and to its answer: to every exchange, or to those whose first bytes
   * `when` accepts. A connection that was struck stays so.
   */
  set(fault: Fault, when?: (sent: Buffer) => boolean): void;
}

interface State {
  fault: Fault;
  when: (sent: Buffer) => boolean;
  struck: number;
}

/** Starts a proxy before a server; it does nothing until a fault is set. */
export async function startProxy(target: { readonly port: number }): Promise<FaultProxy> {
  const state: State = { fault: { kind: "none" }, when: () => true, struck: 0 };
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = new Socket();
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => open.delete(socket));
    }
    if (state.fault.kind === "refuse") {
      state.struck++;
      client.destroy();
      return;
    }
    upstream.setNoDelay(true).connect(target.port, "127.0.0.1");
    join(client, upstream, state);
  });
  const port = await listen(server);
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port,
    get struck() {
      return state.struck;
    },
    set: (fault, when = () => true) => {
      Object.assign(state, { fault, when, struck: 0 });
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

const NONE: Fault = { kind: "none" };

/** Pipes both ways; an exchange begins when the client speaks after the server did. */
function join(client: Socket, upstream: Socket, state: State): void {
  let fault = NONE;
  let clientSpoke = false;
  client.on("data", (sent: Buffer) => {
    // What a hole swallowed is missing for good: that connection has no further exchanges.
    if (!clientSpoke && fault.kind !== "hole") fault = NONE;
    clientSpoke = true;
    if (fault.kind === "none" && state.fault.kind !== "none" && state.when(sent)) {
      fault = state.fault;
      state.struck++;
      if (fault.kind === "status") answer(client, fault.status);
      if (fault.kind === "refuse") client.destroy();
    }
    if (!["status", "hole", "refuse"].includes(fault.kind)) upstream.write(sent);
  });
  upstream.on("data", (answered: Buffer) => {
    clientSpoke = false;
    pass(client, answered, fault);
  });
  client.once("close", () => upstream.destroy());
  // After what is still on its way to the client.
  upstream.once("close", () => setTimeout(() => client.end(), fault.kind === "slow" ? fault.ms + 1 : 0));
}

function pass(client: Socket, answered: Buffer, fault: Fault): void {
  switch (fault.kind) {
    case "none":
      client.write(answered);
      return;
    case "slow":
      setTimeout(() => client.write(answered), fault.ms);
      return;
    case "cut":
      client.write(answered.subarray(0, answered.length >> 1), () => client.destroy());
      return;
    case "lose":
    case "refuse":
      client.destroy();
      return;
    case "status":
    case "hole":
      return;
    default:
      throw new Error(`unreachable: ${fault satisfies never}`);
  }
}

function answer(client: Socket, status: number): void {
  client.end(`HTTP/1.1 ${status} Struck\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
