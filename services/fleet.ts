// The processes of one platform: started together, kept running, stopped in the order of the call graph.
import { type Keeper, type Kept, keepRunning } from "./keep-running.ts";
import type { Phase, ProcessState } from "./run-state.ts";

/** A process to be kept running. */
export interface Member extends Omit<Kept, "changed" | "ended"> {
  readonly name: string;
  /** A word of its command line that no other program has. */
  readonly marker: string;
  readonly opsUrl: string;
  /** A gateway is started last and ended last; it drains before anybody else stops. */
  readonly gateway?: {
    /** Takes nothing new from now on. */
    drain(): Promise<void>;
    /** Resolves when nothing is under way. */
    idle(): Promise<void>;
  };
}

/** What a fleet tells of itself. */
export interface FleetListener {
  changed(processes: readonly ProcessState[]): Promise<void>;
  note(text: string): void;
}

/** Keeps members running until it is stopped. */
export class Fleet {
  /** Callers before callees: in this order they stop. */
  readonly #waves: readonly (readonly Member[])[];
  readonly #listener: FleetListener;
  readonly #keepers = new Map<string, Keeper>();
  readonly #states = new Map<string, ProcessState>();
  #stopping = false;

  constructor(waves: readonly (readonly Member[])[], listener: FleetListener) {
    this.#waves = waves;
    this.#listener = listener;
    for (const { name, program, marker, opsUrl, logFile } of waves.flat()) {
      const state = { name, program, marker, opsUrl, logFile };
      this.#states.set(name, { ...state, phase: "starting", pid: 0, restarts: 0 });
    }
  }

  /** Starts all; resolves when all are ready, rejects with what the first one said that is not. */
  async start(): Promise<void> {
    const all = this.#waves.flat();
    const services = all.filter((member) => member.gateway === undefined);
    await Promise.all(services.map((member) => this.#keep(member)));
    for (const member of all.filter((one) => one.gateway !== undefined)) {
      if (!this.#stopping) await this.#keep(member);
    }
  }

  /** Drains and ends all, wave by wave; `now` breaks off what still drains. */
  async stop(now: AbortSignal): Promise<void> {
    this.#stopping = true;
    const breakOff = (): void => {
      for (const keeper of this.#keepers.values()) void keeper.stop(true);
    };
    now.addEventListener("abort", breakOff);
    const gateways = this.#waves.flat().flatMap(({ gateway }) => gateway ?? []);
    // One that does not answer holds nothing that could drain.
    for (const gateway of gateways) await gateway.drain().catch(() => {});
    for (const wave of this.#waves) {
      await Promise.all(
        wave.map(async ({ name, gateway }) => {
          if (!now.aborted) await gateway?.idle().catch(() => {});
          await this.#keepers.get(name)?.stop(now.aborted);
        }),
      );
    }
    now.removeEventListener("abort", breakOff);
  }

  async #keep(member: Member): Promise<void> {
    const { name } = member;
    const keeper = keepRunning({
      ...member,
      changed: (phase, pid, restarts) => this.#set(name, phase, pid, restarts),
      ended: (how) => this.#listener.note(`${name} ended unasked: ${how}`),
    });
    this.#keepers.set(name, keeper);
    await keeper.ready.catch((error: unknown) => {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
  }

  async #set(name: string, phase: Phase, pid: number, restarts: number): Promise<void> {
    const state = this.#states.get(name);
    if (state === undefined) return;
    this.#states.set(name, { ...state, phase, pid, restarts });
    await this.#listener.changed([...this.#states.values()]);
  }
}
