import { parentPort } from "node:worker_threads";
import { HttpRoutes, httpBindings } from "#platform/rpc/http-rules.ts";
import { parsedBytes, parseRest } from "./body.ts";
import type { BodyAnswer, BodyJob } from "./body-worker.ts";
import { PUBLIC_SERVICES } from "./public.ts";

// The worker behind `createBodyWorker`: it routes again, since descriptors do not travel between threads.
const routes = new HttpRoutes(httpBindings(PUBLIC_SERVICES));

parentPort?.on("message", (job: BodyJob) => {
  parentPort?.postMessage(answer(job));
});

function answer(job: BodyJob): BodyAnswer {
  const match = routes.match(job.verb, job.path);
  if (match === undefined) throw new Error(`no route for ${job.verb} ${job.path}`);
  const parsed = parseRest({ match, query: new URLSearchParams(job.query), body: job.body });
  const bytes = parsedBytes(parsed, match.binding.method.input);
  return bytes instanceof Uint8Array ? { id: job.id, bytes } : { id: job.id, ...bytes };
}
