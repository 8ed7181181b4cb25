import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "../command.ts";
import { safe } from "../escape.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import type { Io } from "../io.ts";
import { dataFolder, localPlatform } from "../local-platform.ts";

const POLL_MS = 200;
/** The tail is looked for in so many bytes. */
const TAIL_BYTES = 4 * 1024 * 1024;

/** Shows the end of a log, and follows it if asked. */
export const run: Command = async ({ flags }, io) => {
  const folder = dataFolder(io.env);
  const part = flags.text("of") ?? (await gatewayOf(folder));
  // The platform in one process has the name of the whole.
  const file = join(folder, "logs", `${part === "platform" ? "anrf" : part}.log`);
  const lines = flags.integer("lines") ?? 100;
  const size = await stat(file).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) throw usage(`cannot show ${file}`, "there is no such file", "anrf up writes it");
  const tail = await read(file, Math.max(0, size - TAIL_BYTES), size);
  const kept = lines === 0 ? [] : tail.replace(/\n$/, "").split("\n").slice(-lines);
  if (kept.length > 0 && tail !== "") io.out(`${safe(kept.join("\n"))}\n`);
  if (!flags.has("follow")) return EXIT.OK;
  return follow(file, size, io);
};

/** Without a word for a part: where requests come in. */
async function gatewayOf(folder: string): Promise<string> {
  return (await localPlatform(folder))?.processes.at(-1)?.name ?? "platform";
}

async function follow(file: string, from: number, io: Io): Promise<number> {
  let code: number | undefined;
  const quiet = io.onSignal((signal) => {
    code = signal === "SIGINT" ? EXIT.INTERRUPTED : EXIT.TERMINATED;
  });
  for (let at = from; code === undefined; ) {
    const { size } = await stat(file);
    // A log that was moved aside begins again.
    if (size < at) at = 0;
    if (size > at) io.out(safe(await read(file, at, size)));
    at = size;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  quiet();
  return code;
}

async function read(file: string, from: number, to: number): Promise<string> {
  const handle = await open(file, "r");
  try {
    const bytes = Buffer.alloc(to - from);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead).toString("utf8");
  } finally {
    await handle.close();
  }
}
