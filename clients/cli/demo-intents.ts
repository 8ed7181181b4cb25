import type { JsonValue } from "@bufbuild/protobuf";

/** One intent of the demo: what is said, and what has to come out of inputs that it does not mention. */
export interface DemoIntent {
  readonly theme: string;
  readonly text: string;
  readonly signature: string;
  readonly examples: readonly { readonly inputs: JsonValue; readonly output: JsonValue }[];
  readonly run: { readonly inputs: JsonValue; readonly output: JsonValue };
}

/** The five intents of the demo. */
export const DEMO_INTENTS: readonly DemoIntent[] = [
  {
    theme: "numbers",
    text: "The number of handshakes when everyone in a group greets everyone else once.",
    signature: "(people: int) -> int",
    examples: [
      { inputs: { people: 4 }, output: 6 },
      { inputs: { people: 7 }, output: 21 },
    ],
    run: { inputs: { people: 12 }, output: 66 },
  },
  {
    theme: "strings",
    text: "Write the word backwards in capital letters.",
    signature: "(word: string) -> string",
    examples: [{ inputs: { word: "stone" }, output: "ENOTS" }],
    run: { inputs: { word: "harbour" }, output: "RUOBRAH" },
  },
  {
    theme: "lists",
    text: "Add up the even numbers in the list.",
    signature: "(xs: list<int>) -> int",
    examples: [
      { inputs: { xs: [1, 2, 4] }, output: 6 },
      { inputs: { xs: [3, 8, 5] }, output: 8 },
    ],
    run: { inputs: { xs: [10, 15, 20, 7, 12] }, output: 42 },
  },
  {
    theme: "maps",
    text: "How many seats does this room have? A room that is not listed has 0.",
    signature: "(seats: map<string, int>, room: string) -> int",
    examples: [
      { inputs: { seats: { blue: 12, red: 40 }, room: "red" }, output: 40 },
      { inputs: { seats: { blue: 12 }, room: "green" }, output: 0 },
    ],
    run: { inputs: { seats: { attic: 9, hall: 250 }, room: "hall" }, output: 250 },
  },
  {
    theme: "rule",
    text: "A bike costs 4 euros an hour, but never more than 20 euros a day.",
    signature: "(hours: int) -> int",
    examples: [
      { inputs: { hours: 3 }, output: 12 },
      { inputs: { hours: 6 }, output: 20 },
      { inputs: { hours: 9 }, output: 20 },
    ],
    run: { inputs: { hours: 4 }, output: 16 },
  },
];
