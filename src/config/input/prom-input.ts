import type { PageLimits } from "../../page-limits.ts";
import type { RulesConfig } from "../../rules/rules-config.ts";
import type { Bearer, TlsConfig } from "../../tls-config.ts";
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

/** A position in a file as editors count it: both from 1, the column in characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** An input and where it was declared. */
export interface LocatedInput {
  readonly input: PromInput;
  readonly file: string;
  /** Of the header of its table. Absent where it is not certain: a wrong line number is worse than none. */
  readonly position?: Position;
}

/** Something wrong in what the user wrote. An error turns its table (or file) off; a warning changes nothing. */
export interface ConfigIssue {
  readonly severity: "error" | "warning";
  readonly file: string;
  /** Absent where the trouble is the file itself (unreadable), or an environment variable. */
  readonly position?: Position;
  /** Dotted key, `inputs.prom.interval`; for the environment the variable's name; empty for the whole file. */
  readonly key: string;
  /** What is wrong and what would be right. Never holds a secret value. */
  readonly message: string;
}
