import { GIB, KIB, MIB, MINUTE, SECOND } from "../../units.ts";
import { key, optional, section, table, tables } from "../language/schema.ts";
import {
  anyDuration,
  boolean,
  duration,
  integer,
  oneOf,
  patterns,
  patternsMap,
  string,
  stringMap,
  strings,
} from "../language/value-types.ts";
import { seriesSchema } from "./relabel-schema.ts";
import { tlsSchema } from "./tls-schema.ts";

export const DEFAULT_INTERVAL = 30 * SECOND;
const DEFAULT_TIMEOUT = 30 * SECOND;

const targetSchema = {
  urls: key(
    strings,
    [],
    "What to scrape, each address by itself. A path instead of a URL is read as a file.",
    {
      field: "urls",
      address: true,
      datakit:
        "DataKit scrapes the addresses one after the other; here they do not wait for each other.",
    },
  ),
  url: optional(string, "One more address.", {
    address: true,
    insteadUse: "`urls`",
    datakit: "In a file DataKit looks at it only where `urls` is empty; so do we, with a warning.",
  }),
  source: key(
    string,
    "prom",
    "Name of this input: tag `job` of its `up` points, and in logs and self metrics.",
    { field: "source" },
  ),
  interval: key(
    anyDuration,
    DEFAULT_INTERVAL,
    "Time between two scrapes, 1s to 5m unless `ENV_DISABLE_PROTECT_MODE` is on.",
    { field: "intervalMs" },
  ),
  timeout: key(
    duration({ means: DEFAULT_TIMEOUT }),
    DEFAULT_TIMEOUT,
    "Time that a whole scrape may take. At most the interval, so that a scrape never overlaps the next.",
    {
      field: "timeoutMs",
      datakit:
        "DataKit bounds only the connecting, with at least 3s; a target that accepts and never answers hangs it.",
    },
  ),
  uds_path: optional(string, "Connect to this unix socket for every address."),
  election: key(
    boolean,
    true,
    "Scraped by one node of the cluster; also chooses the election tags as global tags.",
    { field: "election" },
  ),
  ignore_req_err: key(
    boolean,
    false,
    "A target that cannot be reached is no error and gets no `up` point.",
    { field: "ignoreReqErr" },
  ),
  output: optional(string, "Write the body of each answer to this file in place of making points."),
  max_file_size: key(
    integer(0, undefined, "bytes"),
    32 * MIB,
    "Largest body with `output`; a larger one is discarded.",
    { field: "maxFileSize" },
  ),
  stream_size: optional(
    integer(0),
    "Number of families that DataKit holds before it hands points on.",
    {
      noEffect: "pages are always streamed",
    },
  ),
} as const;

const sampleSchema = {
  metric_types: key(
    strings,
    [],
    "Keep only families of these types: `counter`, `gauge`, `histogram`, `summary`, `untyped`, `info`. Empty: all.",
    { field: "rules.metricTypes" },
  ),
  metric_name_filter: key(
    patterns,
    [],
    "Keep only samples that one of these RE2 patterns finds. Empty: all.",
    {
      field: "rules.metricNameFilter",
      datakit:
        "DataKit tries the family name only, so `…_bucket` never matches. Here the family name or the sample's own name has to match.",
    },
  ),
  metric_name_filter_ignore: key(
    patterns,
    [],
    "Drop samples that one of these patterns finds; wins over `metric_name_filter`.",
    { field: "rules.metricNameFilterIgnore", datakit: "As above." },
  ),
  measurement_prefix: key(string, "", "Put before every measurement name.", {
    field: "rules.measurementPrefix",
  }),
  measurement_name: key(
    string,
    "",
    "One measurement for all samples; the field is the whole name.",
    { field: "rules.measurementName" },
  ),
  measurements: key(
    tables({
      prefix: key(string, "", "Names that begin with this belong to the rule; it is cut off."),
      name: key(
        string,
        "",
        "The measurement. Empty: the prefix without the underscores at its end.",
      ),
      pattern: optional(string, "Accepted for compatibility.", {
        noEffect: "only `prefix` selects",
      }),
    }),
    [],
    "Measurements by prefix; the first that fits wins, also over `measurement_name`.",
  ),
  keep_exist_metric_name: key(
    boolean,
    false,
    "The field keeps the whole name when the name is split at its first underscore.",
    { field: "rules.keepExistMetricName" },
  ),
  honor_timestamps: key(boolean, true, "Use the time that a sample carries.", {
    field: "rules.honorTimestamps",
  }),
  tags_ignore: key(strings, [], "Labels to remove.", { field: "rules.tagsIgnore" }),
  tags_rename: section(
    {
      overwrite_exist_tags: key(boolean, false, "Replace a label that already has the new name."),
      mapping: key(stringMap, {}, "Old name to new name."),
    },
    "Labels to rename, after `tags_ignore`.",
  ),
  ignore_tag_kv_match: key(
    patternsMap,
    {},
    "Label to patterns: the label is removed where one of them finds its value. The sample stays.",
    { field: "rules.ignoreTagKvMatch" },
  ),
  as_logging: section(
    {
      enable: key(boolean, false, "Points go to the category logging."),
      service: key(string, "", "Their tag `service`. Empty: the measurement."),
    },
    "Points as logs.",
  ),
  tags: key(stringMap, {}, "Tags to add to points that have none of that name.", { field: "tags" }),
  disable_host_tag: key(boolean, false, "Do not add the tag `host` from the address.", {
    field: "disableHostTag",
    datakit: "DataKit has the key and never looks at it.",
  }),
  disable_instance_tag: key(boolean, false, "Do not add the tag `instance` from the address.", {
    field: "disableInstanceTag",
  }),
  disable_info_tag: key(
    boolean,
    false,
    "Do not add the labels of families of type `info` to the other points.",
    { field: "rules.disableInfoTag" },
  ),
} as const;

const requestSchema = {
  http_headers: key(
    stringMap,
    {},
    "Headers of the request; an `Authorization` here wins over `auth`.",
    { field: "httpHeaders", secret: true },
  ),
  auth: optional(
    table({
      type: optional(string, "`bearer_token`."),
      token: optional(string, "The token.", { secret: true }),
      token_file: optional(string, "File with the token, read at every scrape."),
    }),
    "Credentials of the request.",
    { datakit: "Without `type` DataKit crashes; here `bearer_token` is meant, with a warning." },
  ),
  bearer_token_file: optional(string, "File with a bearer token, read at every scrape.", {
    insteadUse: "`auth`",
  }),
  encoding: key(
    oneOf(["auto", "gzip", "identity"]),
    "auto",
    "Compression to ask for: `auto` is none (`identity`) from this node, `gzip` from others. On this node are `localhost`, unix sockets, addresses of this machine's interfaces and of this node and its pods; other names count as elsewhere.",
    { field: "encoding" },
  ),
} as const;

const limitSchema = {
  connect_timeout: key(
    duration(),
    10 * SECOND,
    "Time for connecting, name resolution and TLS included. At most `timeout`.",
    { field: "limits.connectTimeoutMs" },
  ),
  max_connection_age: key(
    duration(),
    5 * MINUTE,
    "A connection to a host given by name is replaced after that, so that a moved address is followed.",
    { field: "limits.connectionAgeMs" },
  ),
  idle_timeout: key(
    duration(),
    30 * SECOND,
    "Time without a byte from the target. At most `timeout`.",
    { field: "limits.idleTimeoutMs" },
  ),
  max_header_bytes: key(integer(KIB, 16 * MIB, "bytes"), 64 * KIB, "Headers of the answer.", {
    field: "limits.headerBytes",
  }),
  max_line_bytes: key(integer(KIB, 64 * MIB, "bytes"), MIB, "One line; a longer one is skipped.", {
    field: "limits.lineBytes",
  }),
  max_labels_per_line: key(
    integer(1, 65_535),
    256,
    "Labels of one sample; a line with more is skipped.",
    { field: "limits.labelsPerLine" },
  ),
  max_body_bytes: key(integer(1, undefined, "bytes"), GIB, "The page after decompression.", {
    field: "limits.bodyBytes",
  }),
  max_samples: key(integer(1), 10_000_000, "Samples of one page.", { field: "limits.samples" }),
  max_decompression_ratio: key(integer(2), 500, "Bytes of the page for each compressed byte.", {
    field: "limits.decompressionRatio",
  }),
} as const;

/** The keys of `[[inputs.prom]]`, by what they are about: the order of the documentation. */
export const promGroups = [
  { title: "Target", keys: targetSchema },
  { title: "Samples and points", keys: sampleSchema },
  { title: "Relabeling and limits on series", keys: seriesSchema },
  { title: "Request", keys: requestSchema },
  { title: "TLS", keys: tlsSchema },
  { title: "Limits", keys: limitSchema },
] as const;

/** Every key of `[[inputs.prom]]`. */
export const promSchema = {
  ...targetSchema,
  ...sampleSchema,
  ...seriesSchema,
  ...requestSchema,
  ...tlsSchema,
  ...limitSchema,
} as const;
