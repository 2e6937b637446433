import type { ScrapeLimits } from "../scrape-limits.ts";
import type { TlsIdentities } from "../tls/tls-identities.ts";
import { readBearerToken } from "./bearer-token.ts";
import type { FetchFault } from "./fetch-fault.ts";
import { type Endpoint, isNamed } from "./http1/connector.ts";
import type { PageRequest } from "./page-request.ts";
import { planRequest, type RequestPlan } from "./request-plan.ts";

/** What to send, and where. */
export interface PlannedRequest {
  readonly plan: RequestPlan;
  readonly endpoint: Endpoint;
}

interface Kept extends PlannedRequest {
  readonly limits: ScrapeLimits;
  readonly token: string | undefined;
}

/** Plans requests once: a target's is the same at every scrape, but for files that change (token, certificates). */
export class RequestPlans {
  readonly #identities: TlsIdentities;
  /** By the request of a target, which is one object as long as its configuration is the same. */
  readonly #kept = new WeakMap<PageRequest, Kept>();

  constructor(identities: TlsIdentities) {
    this.#identities = identities;
  }

  /** What `plan` would give, if no file need be looked at for it. */
  known(request: PageRequest, limits: ScrapeLimits): PlannedRequest | undefined {
    const kept = this.#kept.get(request);
    const steady = request.bearer?.kind !== "file" && kept?.endpoint.identity === undefined;
    return steady && kept?.limits === limits ? kept : undefined;
  }

  /** Never rejects: what cannot be used is the fault. */
  async plan(request: PageRequest, limits: ScrapeLimits): Promise<PlannedRequest | FetchFault> {
    const token = request.bearer === undefined ? undefined : await readBearerToken(request.bearer);
    if (typeof token === "object") {
      return token;
    }
    const kept = this.#kept.get(request);
    const same = kept?.limits === limits && kept.token === token ? kept : undefined;
    const plan = same?.plan ?? planRequest(request, limits.totalTimeoutMs, token);
    if ("kind" in plan) {
      return plan;
    }
    const endpoint = await this.#endpointOf(request, plan, limits, same?.endpoint);
    if ("kind" in endpoint) {
      return endpoint;
    }
    const planned: Kept = { plan, endpoint, limits, token };
    this.#kept.set(request, planned);
    return planned;
  }

  async #endpointOf(
    { udsPath, tls }: PageRequest,
    { url }: RequestPlan,
    { headerBytes, connectionAgeMs }: ScrapeLimits,
    kept: Endpoint | undefined,
  ): Promise<Endpoint | FetchFault> {
    const identity = url.protocol === "https:" ? await this.#identities.get(tls) : undefined;
    if (identity !== undefined && "kind" in identity) {
      return identity;
    }
    if (kept !== undefined && kept.identity === identity) {
      return kept;
    }
    const place = { url, ...(udsPath === undefined ? {} : { udsPath }) };
    return {
      ...place,
      headerBytes,
      maxAgeMs: isNamed(place) ? connectionAgeMs : Number.POSITIVE_INFINITY,
      ...(identity === undefined ? {} : { identity }),
    };
  }
}
