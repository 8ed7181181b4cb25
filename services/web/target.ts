import type { Started, Target } from "#platform/process/target.ts";
import { answerPage, readPages } from "./pages.ts";

/** Pages that need no key: the OpenAPI document. */
export const target: Target = {
  name: "web",
  start: async (): Promise<Started> => {
    const pages = readPages();
    return {
      serves: [],
      pages: async (request) => answerPage(pages, request),
      ready: async () => [],
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
