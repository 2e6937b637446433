import type { PageLimits } from "../../page-limits.ts";
import type { Bearer } from "../../tls-config.ts";
import { MINUTE, SECOND } from "../../units.ts";
import { formatDuration } from "../language/duration.ts";
import { fieldsOf } from "../language/fields.ts";
import type { Reading } from "../language/reading.ts";
import { isTable, readTable, type Values } from "../language/schema.ts";
import { didYouMean } from "../language/suggestion.ts";
import { readSeries } from "./input-series.ts";
import type { PromInput } from "./prom-input.ts";
import { DEFAULT_INTERVAL, promSchema } from "./prom-schema.ts";
import { readTls } from "./prom-tls.ts";

type PromValues = Values<typeof promSchema>;

const SHORTEST_INTERVAL = SECOND;
const LONGEST_INTERVAL = 5 * MINUTE;
const METRIC_TYPES = ["counter", "gauge", "histogram", "summary", "untyped", "info"];

export interface PromTableOptions {
  /** Hold the interval within 1s to 5m. */
  readonly protect: boolean;
  /** What DataKit does with `url` beside `urls`: in annotations it counts too, in files it does not. */
  readonly addUrl: boolean;
  /** An interval of nothing or less means the default: in annotations. */
  readonly zeroInterval: boolean;
}

/** One `[[inputs.prom]]` table; undefined where it has an error. */
export function readPromTable(
  raw: Readonly<Record<string, unknown>>,
  at: Reading,
  options: PromTableOptions,
): PromInput | undefined {
  const errorsBefore = at.errors;
  const values = readTable(promSchema, raw, at);
  const keysAreGood = at.errors === errorsBefore;
  const urls = readUrls(values, at, options.addUrl);
  if (urls.length === 0 && keysAreGood) {
    at.error("nothing to scrape: urls is missing or empty");
  }
  const intervalMs = readInterval(values.interval, at, options);
  const timeoutIsWritten = keysAreGood && Object.hasOwn(raw, "timeout");
  const timeoutMs = readTimeout(values.timeout, intervalMs, at, timeoutIsWritten);
  const bearer = readBearer(values, at, keysAreGood);
  const tls = readTls(values, at);
  const series = readSeries(values, at);
  if (options.addUrl && series?.relabelFile !== undefined) {
    at.child("relabel_config_file").error("names a file, which only drop-ins of conf.d may");
  }
  warnOfMisplacedTags(raw, at);
  if (at.errors > errorsBefore) {
    return undefined;
  }
  return {
    ...fieldsOf(promSchema, values, ""),
    urls,
    intervalMs,
    timeoutMs,
    limits: limitsOf(values, timeoutMs),
    ...(present(values.uds_path) && { udsPath: values.uds_path }),
    rules: rulesOf(values, at),
    ...(values.scrape_series && { scrapeSeries: true as const }),
    ...(series && { series }),
    ...(bearer && { bearer }),
    ...(tls && { tls }),
    ...(present(values.output) && { output: values.output }),
  };
}

function rulesOf(values: PromValues, at: Reading): PromInput["rules"] {
  const logging = values.as_logging;
  return {
    ...fieldsOf(promSchema, values, "rules."),
    metricTypes: readMetricTypes(values.metric_types, at.child("metric_types")),
    measurements: readMeasurements(values, at.child("measurements")),
    tagsRename: {
      overwriteExistTags: values.tags_rename.overwrite_exist_tags,
      mapping: values.tags_rename.mapping,
    },
    ...(logging.enable && { asLogging: { service: logging.service } }),
  };
}

function limitsOf(values: PromValues, timeoutMs: number): PageLimits {
  return {
    ...fieldsOf(promSchema, values, "limits."),
    connectTimeoutMs: Math.min(values.connect_timeout, timeoutMs),
    idleTimeoutMs: Math.min(values.idle_timeout, timeoutMs),
  };
}

function readUrls(values: PromValues, at: Reading, addUrl: boolean): readonly string[] {
  const one = present(values.url) ? [values.url] : [];
  const keepsOne = addUrl || values.urls.length === 0;
  if (!keepsOne && one.length > 0) {
    at.child("url").warn("has no effect beside urls; put it there");
  }
  for (const url of values.urls) {
    checkUrl(url, at.child("urls"));
  }
  for (const url of one) {
    checkUrl(url, at.child("url"));
  }
  return keepsOne ? [...values.urls, ...one] : values.urls;
}

/** Never shows the address: it may carry credentials. */
function checkUrl(url: string, at: Reading): void {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url)?.[1]?.toLowerCase();
  if (url.trim() === "") {
    at.error("an address is empty");
  } else if (scheme === "file") {
    at.error('a file is named by its path alone, without "file://"');
  } else if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    at.error(`the scheme is not http or https${didYouMean(scheme, ["http", "https"])}`);
  } else if (scheme !== undefined && !URL.canParse(url)) {
    at.error("is not a URL that can be parsed (not shown, it may hold credentials)");
  }
}

function readInterval(ms: number, at: Reading, options: PromTableOptions): number {
  const here = at.child("interval");
  if (options.zeroInterval && ms <= 0) {
    here.warn(`is not above zero: ${formatDuration(DEFAULT_INTERVAL)} is used`);
    return DEFAULT_INTERVAL;
  }
  if (!options.protect) {
    if (ms <= 0) {
      here.error("must be above zero");
    }
    return ms <= 0 ? DEFAULT_INTERVAL : Math.max(1, ms);
  }
  const held = Math.min(Math.max(ms, SHORTEST_INTERVAL), LONGEST_INTERVAL);
  if (held !== ms) {
    here.warn(`${formatDuration(ms)} is outside 1s to 5m: ${formatDuration(held)} is used`);
  }
  return held;
}

/** A default that is longer than the interval is no fault of the user's: only a timeout that was written is warned of. */
function readTimeout(ms: number, intervalMs: number, at: Reading, written: boolean): number {
  if (ms <= intervalMs) {
    return Math.max(1, ms);
  }
  if (written) {
    const used = formatDuration(intervalMs);
    at.child("timeout").warn(
      `is longer than the interval: ${used} is used, as scrapes do not overlap`,
    );
  }
  return intervalMs;
}

function readBearer(values: PromValues, at: Reading, keysAreGood: boolean): Bearer | undefined {
  const { auth, bearer_token_file: path } = values;
  if (auth === undefined) {
    return present(path) ? { kind: "file", path } : undefined;
  }
  if (present(path)) {
    at.child("bearer_token_file").warn("has no effect beside auth");
  }
  const here = at.child("auth");
  if (auth.type === undefined) {
    here.warn('has no type: "bearer_token" is meant');
  } else if (auth.type !== "bearer_token") {
    const hint = didYouMean(auth.type, ["bearer_token"]);
    here.child("type").warn(`is not "bearer_token": no credentials are sent${hint}`);
    return undefined;
  }
  if (present(auth.token)) {
    return { kind: "token", token: auth.token };
  }
  if (present(auth.token_file)) {
    return { kind: "file", path: auth.token_file };
  }
  return keysAreGood ? here.error("needs token or token_file") : undefined;
}

function readMetricTypes(given: readonly string[], at: Reading): readonly string[] {
  return given.map((type) => {
    const lower = type.toLowerCase();
    if (!METRIC_TYPES.includes(lower)) {
      at.warn(
        `${at.show(type)} is no metric type, nothing has it${didYouMean(lower, METRIC_TYPES)}`,
      );
    }
    return lower;
  });
}

function readMeasurements(values: PromValues, at: Reading): PromInput["rules"]["measurements"] {
  return values.measurements.map(({ prefix, name }, index) => {
    if (prefix === "") {
      at.element(index).warn("a rule without prefix never fits");
    }
    return { prefix, name };
  });
}

/** In TOML whatever stands below `[inputs.prom.tags]` is a tag, also what was meant for the table above. */
function warnOfMisplacedTags(raw: Readonly<Record<string, unknown>>, at: Reading): void {
  const { tags } = raw;
  for (const name of isTable(tags) ? Object.keys(tags) : []) {
    if (name !== "source" && Object.hasOwn(promSchema, name)) {
      at.child("tags")
        .child(name)
        .warn(`is a tag here; if the option is meant, put it above [inputs.prom.tags]`);
    }
  }
}

function present(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
