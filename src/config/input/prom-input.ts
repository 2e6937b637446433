import type { PageLimits } from "../../page-limits.ts";
import type { RulesConfig } from "../../rules/rules-config.ts";
import type { Bearer, TlsConfig } from "../../tls-config.ts";
import type { Position } from "../language/config-issue.ts";
import type { InputSeries } from "./input-series.ts";

/** One valid `[[inputs.prom]]` table: every key of docs/configuration.md with its default applied, as plain data. */
export interface PromInput {
  /** At least one; `url` is merged in. As written: anything but http and https is a file path. */
  readonly urls: readonly string[];
  readonly source: string;
  readonly intervalMs: number;
  /** From the start of a scrape to its end; at most the interval, so that a scrape never overlaps the next. */
  readonly timeoutMs: number;
  /** `auto`: identity from this node, gzip from elsewhere. */
  readonly encoding: "auto" | "gzip" | "identity";
  readonly limits: PageLimits;
  readonly udsPath?: string;
  readonly ignoreReqErr: boolean;
  /** What is declared about samples; the tags are added where the target's address is known. */
  readonly rules: Omit<RulesConfig, "overridingTags" | "addedTags" | "series">;
  /** Points about each scrape beside `up`. */
  readonly scrapeSeries?: true;
  /** Absent where samples are not looked at as series. */
  readonly series?: InputSeries;
  readonly tags: Readonly<Record<string, string>>;
  readonly disableHostTag: boolean;
  readonly disableInstanceTag: boolean;
  readonly election: boolean;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly bearer?: Bearer;
  readonly tls?: TlsConfig;
  /** Write each raw body here instead of making points. */
  readonly output?: string;
  /** Bytes of a body with `output`; above it the round is discarded. */
  readonly maxFileSize: number;
}

/** An input and where it was declared. */
export interface LocatedInput {
  readonly input: PromInput;
  readonly file: string;
  /** Of the header of its table. Absent where it is not certain: a wrong line number is worse than none. */
  readonly position?: Position;
}
