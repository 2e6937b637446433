import { GIB, MIB, MINUTE, SECOND } from "../../units.ts";
import { formatDuration } from "../language/duration.ts";
import { key, optional, section, type ValueType } from "../language/schema.ts";
import {
  boolean,
  duration,
  integer,
  oneOf,
  string,
  stringMap,
  strings,
} from "../language/value-types.ts";
import { datawayTlsKeys } from "./destination-tls-schema.ts";

/** How a destination is reached, where variables of the environment may say so. */
export const httpKeys = {
  timeout: key(duration(), 30 * SECOND, "Time for one request.", {
    environment: ["ENV_DATAWAY_TIMEOUT"],
  }),
  http_proxy: optional(
    string,
    "Proxy, `http://` or `https://`. `environment`: what `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say, which are not looked at otherwise.",
    {
      address: true,
      environment: ["ENV_DATAWAY_HTTP_PROXY"],
    },
  ),
  idle_timeout: key(duration(), 90 * SECOND, "How long a connection without requests stays open.", {
    environment: ["ENV_DATAWAY_IDLE_TIMEOUT"],
  }),
  max_connection_age: key(
    duration(),
    5 * MINUTE,
    "Connections to a host given by name are replaced after that, so that a moved address is followed.",
  ),
  gzip: key(boolean, true, "Compress bodies.", {
    datakit: "The variable is `ENV_DATAWAY_DISABLE_GZIP`, see below.",
  }),
  tls_insecure: key(boolean, false, "Do not verify the certificate of the destination.", {
    environment: ["ENV_DATAWAY_TLS_INSECURE"],
    datakit: "Any text means true, also `false`; here words mean what they say.",
  }),
  max_raw_body_size: key(
    integer(1, GIB, "bytes"),
    MIB,
    "Line protocol in one request before compression, at least 102400 unless `ENV_DISABLE_PROTECT_MODE` is on.",
    {
      environment: ["ENV_DATAWAY_MAX_RAW_BODY_SIZE"],
    },
  ),
  headers: key(stringMap, {}, "More headers.", { secret: true }),
} as const;

const RETRIES =
  "what can be delivered later is retried, with growing pauses, for as long as the queue holds it";

const CONNECTIONS = "a connection is kept for each of the four requests at the same time, no more";

export const contentEncoding = oneOf(["v1", "v2"], { "line-protocol": "v1", protobuf: "v2" });

/** DataKit's bounds: asked more often nothing is gained, and answers are whole seconds. */
const LEAST_INTERVAL = MINUTE;
const LEAST_DIFF = 5 * SECOND;

const ntp = section(
  {
    enable: key(
      boolean,
      true,
      "Ask DataWay for its time and shift the times of scrapes where the clock of this node is further off than `diff`.",
      {
        datakit:
          "The variable is `ENV_DATAWAY_DISABLE_NTP`, see below; there it does the opposite.",
      },
    ),
    interval: key(atLeast(LEAST_INTERVAL), 5 * MINUTE, "How often it is asked, at least 1m.", {
      environment: ["ENV_DATAWAY_NTP_INTERVAL"],
    }),
    diff: key(
      atLeast(LEAST_DIFF),
      30 * SECOND,
      "Smaller differences are left alone, at least 5s.",
      {
        environment: ["ENV_DATAWAY_NTP_DIFF"],
      },
    ),
  },
  "Clock.",
);

/** A duration that is raised to `leastMs`, with a warning. */
function atLeast(leastMs: number): ValueType<number> {
  const any = duration();
  return {
    ...any,
    read: (raw, at) => {
      const ms = any.read(raw, at);
      if (ms !== undefined && ms < leastMs) {
        at.warn(`${formatDuration(ms)} is too short: ${formatDuration(leastMs)} is used`);
        return leastMs;
      }
      return ms;
    },
  };
}

/** Keys of `[dataway]`. */
export const dataway = section(
  {
    urls: key(
      strings,
      [],
      "Addresses with their token: `https://openway.example.com?token=tkn_…`. Each gets everything.",
      {
        address: true,
        environment: ["ENV_DATAWAY"],
      },
    ),
    ...httpKeys,
    ...datawayTlsKeys,
    max_retry_count: optional(integer(0), "Accepted for compatibility.", {
      noEffect: RETRIES,
      environment: ["ENV_DATAWAY_MAX_RETRY_COUNT"],
    }),
    retry_delay: optional(duration(), "Accepted for compatibility.", {
      noEffect: RETRIES,
      environment: ["ENV_DATAWAY_RETRY_DELAY"],
    }),
    max_idle_conns: optional(integer(0), "Accepted for compatibility.", {
      noEffect: CONNECTIONS,
      environment: ["ENV_DATAWAY_MAX_IDLE_CONNS"],
    }),
    max_idle_conns_per_host: optional(integer(0), "Accepted for compatibility.", {
      noEffect: CONNECTIONS,
      environment: ["ENV_DATAWAY_MAX_IDLE_CONNS_PER_HOST"],
    }),
    content_encoding: key(
      contentEncoding,
      "v1",
      "`v1` is line protocol, `v2` protobuf, for which each body is compressed anew.",
      { environment: ["ENV_DATAWAY_CONTENT_ENCODING"], datakit: "The default is `v2`." },
    ),
    enable_sinker: key(
      boolean,
      false,
      "Send points to DataWay in bodies that agree in the tags the sinker goes by, named in `X-Global-Tags`: the global tags and `global_customer_keys`.",
      {
        environment: ["ENV_DATAWAY_ENABLE_SINKER"],
        datakit: "Any text means true, also `false`; here words mean what they say.",
      },
    ),
    global_customer_keys: key(
      strings,
      [],
      "More tags the sinker goes by; also `category`, and `measurement` (metrics) or `source` (logging). Tags of many values make many small bodies.",
      { environment: ["ENV_SINKER_GLOBAL_CUSTOMER_KEYS"] },
    ),
    ntp,
  },
  "DataWay.",
);
