import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { exitCodesHelp, overview, verbHelp } from "../help.ts";
import { VERBS, verbOf } from "../spec.ts";
import { nearest } from "../suggest.ts";

/** Shows the help of all verbs, of one, or of the exit codes. */
export const run: Command = async ({ args }, io) => {
  const topic = args.join(" ");
  if (topic === "") io.out(overview());
  else if (topic === "exit-codes") io.out(exitCodesHelp());
  else io.out(topicHelp(topic));
  return EXIT.OK;
};

function topicHelp(topic: string): string {
  const verb = verbOf(topic);
  if (verb !== undefined) return verbHelp(verb);
  const group = VERBS.filter((one) => one.name.startsWith(`${topic} `));
  if (group.length > 0) return group.map(verbHelp).join("\n");
  const near = nearest(topic, ["exit-codes", ...VERBS.map((one) => one.name)]);
  throw usage(
    `cannot show help of "${topic}"`,
    "there is no such verb",
    near === undefined ? "anrf help" : `did you mean "anrf help ${near}"?`,
  );
}
