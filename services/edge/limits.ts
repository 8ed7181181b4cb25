/** How fast a bucket fills and how much it holds. */
export interface Rate {
  /** Tokens a second. */
  readonly perSecond: number;
  /** Most tokens it holds. */
  readonly burst: number;
}

/** What a bucket says of one request. */
export interface Verdict {
  readonly allowed: boolean;
  /** Tokens left, rounded down. */
  readonly remaining: number;
  /** Seconds until a request would be allowed; 0 when it was. */
  readonly retryAfter: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Token buckets by name, least recently used ones dropped beyond `capacity`: a dropped bucket starts full, so a
 * flood of names can only cost memory up to the capacity.
 */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #capacity: number;

  /** Holds at most `capacity` buckets. */
  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  /** Takes one token from the bucket of that name; `now` is in milliseconds and never goes back. */
  take(name: string, rate: Rate, now: number): Verdict {
    const known = this.#buckets.get(name) ?? { tokens: rate.burst, at: now };
    const filled = Math.min(rate.burst, known.tokens + (Math.max(0, now - known.at) / 1000) * rate.perSecond);
    const allowed = filled >= 1;
    const bucket = { tokens: allowed ? filled - 1 : filled, at: now };
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    const oldest = this.#buckets.size > this.#capacity ? this.#buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.#buckets.delete(oldest);
    const retryAfter = allowed ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / rate.perSecond));
    return { allowed, remaining: Math.floor(bucket.tokens), retryAfter };
  }
}

/** The tiers of keys; an unknown tier counts as basic. `unlimited` has no bucket. */
export const TIERS: Readonly<Record<string, Rate | undefined>> = {
  basic: { perSecond: 20, burst: 40 },
  standard: { perSecond: 200, burst: 400 },
  unlimited: undefined,
};

/** The rate of a tier, or undefined for one without a limit. */
export function tierRate(tier: string): Rate | undefined {
  return Object.hasOwn(TIERS, tier) ? TIERS[tier] : TIERS["basic"];
}
