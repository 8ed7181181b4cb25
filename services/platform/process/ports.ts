import { createServer } from "node:net";

/** Where a supervised platform listens. */
export const ADDRESS = "127.0.0.1";

/** Below the ports that the connections of a machine take for themselves: one of those may be taken at any moment. */
const [LOWEST, HIGHEST] = [10_000, 32_000];
const ATTEMPTS = 200;

/** The wanted port where it is free, else another free one; 0: any. */
export async function freePort(wanted = 0): Promise<number> {
  if (wanted > 0 && wanted < 65_536 && (await isFree(wanted))) return wanted;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
  throw new Error(`found no free port on ${ADDRESS} between ${LOWEST} and ${HIGHEST}`);
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
 * An offset that moves all these ports, which lie about 50,000, to free ones in that range; the wanted one where its
 * ports are free.
 */
export async function freeOffset(ports: readonly number[], wanted?: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const isFirst = attempt === 0 && wanted !== undefined;
    const offset = isFirst ? wanted : -(22_000 + 20 * Math.floor(Math.random() * 900));
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error(`found no free ports for the mesh beside those of other programs on ${ADDRESS}`);
}
