import { FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { pingDatabase } from "#platform/data/database.ts";
import { retentionTask } from "#platform/data/retention.ts";
import { probe } from "#platform/process/readiness.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { readIntentConfig } from "./config.ts";
import { routes } from "./routes.ts";

/** Understands intents. */
export const target: Target = {
  name: "intent",
  start: async (host: Host): Promise<Started> => {
    const { retentionDays } = readIntentConfig(host.env);
    const database = await host.database();
    host.jobs({ "intent-retention": retentionTask(database.db, { intents: retentionDays }, ["intents"]) });
    const feedback = host.client(FeedbackService);
    return {
      serves: [serve(IntentService, routes({ database, feedback }))],
      ready: () => Promise.all([probe("database", () => pingDatabase(database))]),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
