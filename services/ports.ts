import { createServer } from "node:net";

/** Where a supervised platform listens. */
export const ADDRESS = "127.0.0.1";

/** The wanted port where it is free, else another free one; 0: any. */
export async function freePort(wanted: number): Promise<number> {
  if (wanted > 0 && wanted < 65_536 && (await isFree(wanted))) return wanted;
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, ADDRESS, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Whether nobody listens there. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, ADDRESS, () => server.close(() => resolve(true)));
  });
}

/**
 * An offset that moves all these ports to free ones below the range from which connections take theirs: a port in that
 * range may be taken at any moment. It is the same one each time where its ports are free.
 */
export async function freeOffset(ports: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const offset = -(attempt === 0 ? 30_000 : 22_000 + 20 * Math.floor(Math.random() * 900));
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error(`found no free ports for the mesh beside those of other programs on ${ADDRESS}`);
}
