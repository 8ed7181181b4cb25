import { parseArgs } from "node:util";
import { Api } from "../solve-api.ts";

/** A sentence, and what the function that it asks for gives; nothing but the sentence is sent. */
interface Sentence {
  readonly text: string;
  readonly cases: readonly { readonly inputs: readonly unknown[]; readonly output: unknown }[];
}

/** Fixed: they were written before any of them was tried. */
const SENTENCES: readonly Sentence[] = [
  {
    text: "Return the sum of the squares of a list of integers.",
    cases: [
      { inputs: [[1, 2, 3]], output: 14 },
      { inputs: [[]], output: 0 },
      { inputs: [[-4]], output: 16 },
    ],
  },
  {
    text: "Count how many vowels a string has, ignoring case.",
    cases: [
      { inputs: ["Education"], output: 5 },
      { inputs: ["rhythm"], output: 0 },
      { inputs: ["AEIOU"], output: 5 },
    ],
  },
  {
    text: "Check whether a string is a palindrome.",
    cases: [
      { inputs: ["level"], output: true },
      { inputs: ["ab"], output: false },
      { inputs: [""], output: true },
    ],
  },
  {
    text: "Given a list of integers, return the second largest distinct number.",
    cases: [
      { inputs: [[5, 1, 5, 3]], output: 3 },
      { inputs: [[2, 1]], output: 1 },
      { inputs: [[-1, -2, -3, -1]], output: -2 },
    ],
  },
  {
    text: "Return the words of a sentence that are longer than n characters.",
    cases: [
      { inputs: ["the quick brown fox", 4], output: ["quick", "brown"] },
      { inputs: ["a bb ccc", 1], output: ["bb", "ccc"] },
      { inputs: ["", 2], output: [] },
    ],
  },
  {
    text: "Return the greatest common divisor of two integers a and b.",
    cases: [
      { inputs: [12, 18], output: 6 },
      { inputs: [7, 5], output: 1 },
      { inputs: [0, 4], output: 4 },
    ],
  },
  {
    text: "Remove the duplicates from a list of strings, keeping the first of each.",
    cases: [
      { inputs: [["b", "a", "b"]], output: ["b", "a"] },
      { inputs: [[]], output: [] },
      { inputs: [["x", "x", "x"]], output: ["x"] },
    ],
  },
  {
    text: "Compute the nth Fibonacci number as an integer, where the 0th is 0 and the 1st is 1.",
    cases: [
      { inputs: [0], output: 0 },
      { inputs: [1], output: 1 },
      { inputs: [10], output: 55 },
    ],
  },
  {
    text: "Shipping costs 5 dollars for orders below 50 dollars and is free from 50 dollars on; given the order total as an integer, return the shipping cost.",
    cases: [
      { inputs: [20], output: 5 },
      { inputs: [49], output: 5 },
      { inputs: [50], output: 0 },
      { inputs: [80], output: 0 },
    ],
  },
  {
    text: "Return the initials of a full name as upper case letters.",
    cases: [
      { inputs: ["ada lovelace"], output: "AL" },
      { inputs: ["Grace Brewster Hopper"], output: "GBH" },
      { inputs: ["plato"], output: "P" },
    ],
  },
];

const USAGE = "usage: npm run bench -- sentences --url URL --key KEY [--model NAME] [--seed N]";

/** `bench sentences`: ten sentences without examples against a running system, judged on cases that it never sees. */
export async function sentences(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: "string" },
      key: { type: "string" },
      model: { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  const { url = process.env["ANRF_URL"], key = process.env["ANRF_API_KEY"] ?? "", model } = values;
  if (url === undefined) {
    console.error(USAGE);
    return 2;
  }
  const api = new Api({ url, key });
  const counts = { right: 0, wrong: 0, abstained: 0 };
  for (const { text, cases } of SENTENCES) {
    const began = performance.now();
    const analysis = await api.post("/intent/analyze", { inputText: text });
    const { analysisId } = analysis;
    const asked = { analysisId, seed: values.seed, ...(model === undefined ? {} : { model }) };
    const answer = await api.post("/generate", asked);
    let verdict: keyof typeof counts = "abstained";
    if (answer["outcome"] === "ACCEPTED") {
      verdict = "right";
      for (const { inputs, output } of cases) {
        const ran = await api.post(`/execute/${String(answer["anrfId"])}`, { inputs }).catch(() => ({}));
        if (JSON.stringify(resultOf(ran)) !== JSON.stringify(output)) verdict = "wrong";
      }
    }
    counts[verdict]++;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const score = Number(answer["confidenceScore"] ?? 0).toFixed(2);
    console.log(`${verdict.padEnd(9)} ${score} ${seconds.padStart(6)} s  ${text}`);
  }
  console.log(
    `${SENTENCES.length} sentences: ${counts.right} right, ${counts.wrong} wrong, ${counts.abstained} abstained`,
  );
  return 0;
}

function resultOf(answer: Readonly<Record<string, unknown>>): unknown {
  const { output } = answer;
  return typeof output === "object" && output !== null && "result" in output ? output.result : undefined;
}
