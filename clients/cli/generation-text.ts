// The result of a generation in words.

import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  Calibration_Status,
  type GenerateResponse,
  GenerateResponse_AbstainReason,
  GenerateResponse_Outcome,
  type Question,
  type Usage,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { safe } from "./escape.ts";
import type { Paint } from "./output.ts";
import { enumText } from "./texts.ts";
import { countText, timeText } from "./units.ts";

/** What was made, how far to trust it, what it took; fit for a terminal. */
export function resultText(response: GenerateResponse, paint: Paint): string {
  if (response.outcome === GenerateResponse_Outcome.VALIDATED)
    return "the request is good; nothing was generated";
  if (response.outcome === GenerateResponse_Outcome.ABSTAINED) return draftsText(response);
  const lines = [
    safe(response.pseudocode.trimEnd()),
    "",
    `${paint.green("ACCEPTED")}  ${confidenceText(response)}`,
    ...(response.overfitRisk
      ? [paint.yellow("few examples for so large a program: it may only repeat them; give another one")]
      : []),
    paint.dim(spentText(response)),
    safe(`anrf://${response.anrfId}@${response.version}`),
  ];
  return lines.join("\n");
}

/** One sentence on the numbers of confidence. */
export function confidenceText(response: GenerateResponse): string {
  const { confidence } = response;
  const status = confidence?.calibration?.status;
  if (confidence === undefined || status === undefined || status === Calibration_Status.MISSING) {
    return "confidence 0, not calibrated";
  }
  const only = status === Calibration_Status.SEARCH_ONLY ? ", by search alone" : "";
  const range = `${confidence.pLow.toFixed(2)}–${confidence.pHigh.toFixed(2)}`;
  const set =
    confidence.setSizeFor90 === 0
      ? ""
      : `; ${confidence.setSizeFor90} candidates hold a right one in 90 of 100 tasks`;
  return `confidence ${response.confidenceScore.toFixed(2)}, likely right: ${confidence.pCorrect.toFixed(2)} (${range})${only}${set}`;
}

/** Why nothing was accepted, with the question that an example could answer. */
export function abstainText(response: GenerateResponse): string {
  const reason = enumText(GenerateResponse_AbstainReason, response.abstainReason ?? 0).toUpperCase();
  const question = response.question === undefined ? "" : `\n${questionText(response.question)}`;
  return `${response.abstainDetails || "no program was accepted"} (${reason})${question}`;
}

/** The smallest input on which good candidates differ. */
export function questionText(question: Question): string {
  const inputs = question.inputs === undefined ? "" : JSON.stringify(toJson(ValueSchema, question.inputs));
  const answers = question.answers.map(({ outcome }) => {
    if (outcome.case === "trap") return outcome.value;
    return outcome.case === "output" ? JSON.stringify(toJson(ValueSchema, outcome.value)) : "?";
  });
  return `question: ${question.text || "what has to come out?"} ${inputs} → ${answers.join(" or ")}`;
}

/** What was spent. */
export function usageText(usage: Usage | undefined): string {
  if (usage === undefined) return "";
  const tokens = usage.tokens === 0 ? "" : `, ${countText(usage.tokens)} tokens`;
  return `${countText(usage.programsEvaluated)} programs${tokens}, ${timeText(usage.cpuSeconds)} of CPU`;
}

function spentText(response: GenerateResponse): string {
  const { timings } = response;
  const first = timings?.firstCandidateSeconds;
  return [
    usageText(response.usage),
    first === undefined ? "" : `first candidate after ${timeText(first)}`,
    timings === undefined ? "" : `${timeText(timings.totalSeconds)} in all`,
    `seed ${response.seed}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function draftsText(response: GenerateResponse): string {
  return response.alternatives
    .map(
      (draft) =>
        `draft, ${draft.examplesPassed} examples pass:\n${safe(draft.pseudocode || draft.text).trimEnd()}\n`,
    )
    .join("\n");
}
