import { type BenchCase, cases } from "./core.ts";
import { searchCases } from "./core-search.ts";
import { median } from "./mesh/processes.ts";

const RUNS = 5;

/** Nodes checked, fuel interpreted, programs evaluated and kept, each a second, on one core. */
export async function coreCommand(names: readonly string[]): Promise<number> {
  const all: readonly BenchCase[] = [...cases, ...searchCases()];
  const chosen = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  if (chosen.length === 0) {
    console.error(`no such case; there are ${all.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  for (const { name, unit, run } of chosen) {
    run();
    const rates = Array.from({ length: RUNS }, () => {
      const { amount, milliseconds } = run();
      return (amount / milliseconds) * 1000;
    });
    const each = rates.map((rate) => human(rate)).join(" ");
    console.log(`${name.padEnd(20)} ${human(median(rates)).padStart(8)} ${unit} a second  (${each})`);
  }
  return 0;
}

function human(rate: number): string {
  return rate >= 1e6 ? `${(rate / 1e6).toFixed(2)} M` : `${(rate / 1e3).toFixed(1)} k`;
}
