import type { Metrics } from "#platform/process/metrics.ts";

/** What a node counts. Labels follow OpenTelemetry's conventions for generative models. */
export interface NodeMetrics {
  /** A request ended: seconds to its first token, seconds for each later one, and in all; "" for no error. */
  request(
    model: string,
    firstSeconds: number | undefined,
    tokenSeconds: number,
    seconds: number,
    error: string,
  ): void;
  tokens(model: string, input: number, output: number): void;
  /** A request was called off at work, and so many tokens were evaluated after the cancel had come to the model. */
  cancelled(lateTokens: number): void;
  queueWait(seconds: number): void;
  load(running: number, queued: number): void;
  refused(): void;
  lost(): void;
}

const FIRST_TOKEN = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const TOKEN = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const REQUEST = Array.from({ length: 14 }, (_, at) => 0.01 * 2 ** at);
const USAGE = Array.from({ length: 14 }, (_, at) => 4 ** at);
const LATE = [0, 1, 2, 4, 8, 16, 32];
const WAIT = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Makes the metrics of a node; a model is named as people call it, never by a digest. */
export function createNodeMetrics(metrics: Metrics): NodeMetrics {
  const labels = ["gen_ai_operation_name", "gen_ai_request_model", "gen_ai_provider_name"] as const;
  const first = metrics.histogram(
    "gen_ai_server_time_to_first_token_seconds",
    "From the request to its first token.",
    FIRST_TOKEN,
    labels,
  );
  const each = metrics.histogram(
    "gen_ai_server_time_per_output_token_seconds",
    "Mean time of a token after the first.",
    TOKEN,
    labels,
  );
  const whole = metrics.histogram("gen_ai_server_request_duration_seconds", "Whole requests.", REQUEST, [
    ...labels,
    "error_type",
  ]);
  const usage = metrics.histogram("gen_ai_client_token_usage", "Tokens of requests.", USAGE, [
    ...labels,
    "gen_ai_token_type",
  ]);
  const late = metrics.histogram(
    "anrf_inference_tokens_after_cancel",
    "Tokens of prompt and answer that were evaluated after a cancel had come to the model.",
    LATE,
  );
  const wait = metrics.histogram("anrf_inference_queue_wait_seconds", "Waiting for a slot.", WAIT);
  const running = metrics.gauge("anrf_inference_running", "Requests at work.");
  const queued = metrics.gauge("anrf_inference_queue_depth", "Requests that wait.");
  const refused = metrics.counter(
    "anrf_model_refused_total",
    "Models that were not loaded: wrong bytes or signature.",
  );
  const lost = metrics.counter(
    "anrf_model_process_losses_total",
    "Processes of models that ended by themselves.",
  );
  const of = (model: string) => ({
    gen_ai_operation_name: "generate_content",
    gen_ai_request_model: model,
    gen_ai_provider_name: "anrf",
  });
  return {
    request: (model, firstSeconds, tokenSeconds, seconds, error) => {
      if (firstSeconds !== undefined) first.observe(of(model), firstSeconds);
      if (tokenSeconds > 0) each.observe(of(model), tokenSeconds);
      whole.observe({ ...of(model), error_type: error }, seconds);
    },
    tokens: (model, input, output) => {
      usage.observe({ ...of(model), gen_ai_token_type: "input" }, input);
      usage.observe({ ...of(model), gen_ai_token_type: "output" }, output);
    },
    cancelled: (lateTokens) => late.observe(lateTokens),
    queueWait: (seconds) => wait.observe(seconds),
    load: (now, waiting) => {
      running.set(now);
      queued.set(waiting);
    },
    refused: () => refused.inc(),
    lost: () => lost.inc(),
  };
}
