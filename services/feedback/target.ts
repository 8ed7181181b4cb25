import { FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { pingDatabase } from "#platform/data/database.ts";
import { probe } from "#platform/process/readiness.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { routes } from "./routes.ts";

/** Contexts of modules, and what people said of programs. */
export const target: Target = {
  name: "feedback",
  start: async (host: Host): Promise<Started> => {
    const database = await host.database();
    return {
      serves: [serve(FeedbackService, routes({ database }))],
      ready: () => Promise.all([probe("database", () => pingDatabase(database))]),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
