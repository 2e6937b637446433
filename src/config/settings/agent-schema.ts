import { GIB, KIB, MIB, SECOND } from "../../units.ts";
import { relabelRuleKeys } from "../input/relabel-schema.ts";
import { key, optional, section, tables } from "../language/schema.ts";
import { boolean, duration, integer, oneOf, string } from "../language/value-types.ts";
import { contentEncoding, dataway, httpKeys } from "./dataway-schema.ts";
import { destinationTlsKeys } from "./destination-tls-schema.ts";
import { tagMap } from "./global-tags.ts";
import { kubernetesSection } from "./kubernetes-schema.ts";
import { queue } from "./queue-schema.ts";

/** Of the file destination: all files together, and one. */
export const DEFAULT_FILES_BYTES = 512 * MIB;
export const DEFAULT_FILE_BYTES = 64 * MIB;

/** The same keys where no variable of the environment sets them. */
const destinationHttpKeys = {
  ...httpKeys,
  timeout: key(duration(), 30 * SECOND, httpKeys.timeout.doc),
  http_proxy: optional(string, httpKeys.http_proxy.doc, { address: true }),
  idle_timeout: key(duration(), 90 * SECOND, httpKeys.idle_timeout.doc),
  gzip: key(boolean, true, httpKeys.gzip.doc),
  tls_insecure: key(boolean, false, httpKeys.tls_insecure.doc),
  max_raw_body_size: key(integer(1, GIB, "bytes"), MIB, httpKeys.max_raw_body_size.doc),
} as const;

const destinations = key(
  tables({
    kind: optional(
      oneOf(["dataway", "influxdb_v1", "influxdb_v2", "file"]),
      "What is spoken. `influxdb_v1` is `/write?db=…`, which VictoriaMetrics takes too.",
      { required: true },
    ),
    url: optional(string, "Address; not for `file`.", { address: true }),
    content_encoding: key(contentEncoding, "v1", "For `dataway`, as there."),
    db: optional(string, "Database, for `influxdb_v1`."),
    user: optional(string, "For `influxdb_v1`."),
    password: optional(string, "For `influxdb_v1`.", { secret: true }),
    org: optional(string, "Organisation, for `influxdb_v2`."),
    bucket: optional(string, "Bucket, for `influxdb_v2`."),
    token: optional(string, "For `influxdb_v2`.", { secret: true }),
    dir: optional(string, "Directory, for `file`.", { defaultText: "`data_dir`" }),
    max_total_size: key(
      integer(MIB, undefined, "bytes"),
      DEFAULT_FILES_BYTES,
      "All files together, for `file`; the oldest is removed.",
    ),
    max_file_size: key(
      integer(64 * KIB, undefined, "bytes"),
      DEFAULT_FILE_BYTES,
      "One file, for `file`.",
    ),
    ...destinationHttpKeys,
    ...destinationTlsKeys,
  }),
  [],
  "More destinations. Without any, and without DataWay, points go to files in `data_dir`.",
);

/** The keys of `promline.toml`. */
export const agentSchema = {
  hostname: optional(string, "Name of this node: the global tag `host`, which nothing overrides.", {
    environment: ["ENV_K8S_NODE_NAME", "NODE_NAME", "ENV_HOSTNAME"],
    defaultText: "that of the machine",
  }),
  conf_dir: key(string, "conf.d", "Directory of the drop-ins."),
  data_dir: key(string, "data", "Directory for what the agent writes."),
  reload_interval: key(duration(), 10 * SECOND, "How often drop-ins are looked at for changes.", {
    datakit: "A changed file needs a restart.",
  }),
  http_listen: key(string, "localhost:9529", "Where `/metrics` and the pages are.", {
    environment: ["ENV_HTTP_LISTEN"],
  }),
  http_token: optional(
    string,
    "Bearer token for the pages besides `/metrics` and health from elsewhere: without one they are for this machine only.",
    { secret: true, environment: ["ENV_HTTP_TOKEN"] },
  ),
  http_token_file: optional(
    string,
    "File that holds that token; read again when it changes. `docs/running.md` says who gets in.",
    { environment: ["ENV_HTTP_TOKEN_FILE"] },
  ),
  http_relabel_remote: key(boolean, false, "Opened `/api/v1/relabel` to everybody.", {
    noEffect: "others than this machine need a bearer token: set `http_token_file`",
  }),
  protect_mode: key(boolean, true, "Hold intervals and body sizes within safe bounds.", {
    datakit: "The variable is `ENV_DISABLE_PROTECT_MODE`, see below.",
  }),
  log: section(
    {
      level: key(
        oneOf(["trace", "debug", "info", "warn", "error"], { warning: "warn" }),
        "info",
        "From which level on.",
        {
          environment: ["ENV_LOG_LEVEL"],
        },
      ),
      format: key(
        oneOf(["auto", "json", "pretty"]),
        "auto",
        "`auto`: pretty on a terminal, JSON elsewhere.",
      ),
    },
    "Log, on standard output.",
  ),
  global_host_tags: key(
    tagMap,
    {},
    "Tags for points that lack them. The values `__datakit_hostname`, `__datakit_ip` and `__datakit_id` are replaced. The variable has the form `k=v,k=v`.",
    {
      environment: ["ENV_GLOBAL_HOST_TAGS", "ENV_GLOBAL_TAGS"],
    },
  ),
  global_election_tags: key(
    tagMap,
    {},
    "The same for inputs with `election = true`, while election is on. Off: the host tags.",
    {
      environment: ["ENV_GLOBAL_ELECTION_TAGS", "ENV_GLOBAL_ENV_TAGS"],
      datakit: "Values such as `__datakit_hostname` are not replaced here; we do.",
    },
  ),
  cluster_name_k8s: optional(string, "Global host tag of this name.", {
    environment: ["ENV_CLUSTER_NAME_K8S"],
  }),
  election: section(
    {
      enable: key(
        boolean,
        false,
        "Accepted, with a warning: election is not built yet, every node scrapes.",
        {
          environment: ["ENV_ENABLE_ELECTION"],
          datakit: "Any text means true, also `false`; here words mean what they say.",
        },
      ),
      namespace: key(string, "default", "Nodes of one namespace elect among themselves.", {
        environment: ["ENV_NAMESPACE"],
      }),
      namespace_tag: key(boolean, false, "Election tag `election_namespace`.", {
        environment: ["ENV_ENABLE_ELECTION_NAMESPACE_TAG"],
      }),
    },
    "Election.",
  ),
  kubernetes: kubernetesSection,
  lanes: section(
    {
      count: key(
        integer(0, 1024),
        0,
        "Worker threads, always so many; 0: one, and more only while their work asks for it and memory and processors of the container allow it.",
      ),
      scrapes_in_flight: key(integer(1, 10_000), 64, "Scrapes at the same time in one thread."),
      max_bytes_in_flight: key(
        integer(MIB, undefined, "bytes"),
        64 * MIB,
        "Pages on their way at the same time, all threads together.",
      ),
    },
    "Scraping.",
  ),
  replay: section(
    {
      max_bytes: optional(
        integer(0, 4 * GIB - MIB, "bytes"),
        "Memory for what became of series seen before, all threads together; 0: every line is read anew.",
        { defaultText: "from the memory limit, 4 to 64 MiB" },
      ),
    },
    "Memory of earlier scrapes: with it a line costs a tenth or less.",
  ),
  delivery: section(
    {
      flush_interval: key(duration(), 10 * SECOND, "How long points wait for company.", {
        environment: ["ENV_IO_FLUSH_INTERVAL"],
      }),
      payload_size: key(
        integer(KIB, GIB, "bytes"),
        MIB,
        "Line protocol, before compression, that is sent without waiting longer.",
      ),
      max_memory: optional(
        integer(MIB, undefined, "bytes"),
        "Compressed points kept for each destination.",
        { defaultText: "from the memory limit, 4 to 64 MiB" },
      ),
      when_full: key(
        oneOf(["drop_oldest", "drop_newest"]),
        "drop_oldest",
        "What to lose when that is full.",
      ),
      auto_timestamp_correction: key(
        boolean,
        true,
        "Points whose own time is more than 2 h from that of the scrape get the time of the scrape, and their own as the field `__orig_time`.",
        { environment: ["ENV_IO_AUTO_TIMESTAMP_CORRECTION"] },
      ),
    },
    "Delivery.",
  ),
  queue,
  ...relabelRuleKeys,
  dataway,
  destinations,
} as const;
