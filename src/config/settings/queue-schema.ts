import { GIB, HOUR, MIB, SECOND } from "../../units.ts";
import { key, optional, section, type ValueType } from "../language/schema.ts";
import { boolean, duration, integer, oneOf, string } from "../language/value-types.ts";

const WHEN_FULL = ["drop_oldest", "drop_newest"] as const;

/** Bytes; a variable of DataKit gives GiB, with a fraction. */
const capacity: ValueType<number> = {
  ...integer(MIB, undefined, "bytes"),
  fromText: (text) => {
    const gib = Number(text);
    return Number.isFinite(gib) ? Math.round(gib * GIB) : undefined;
  },
};

/** What waits for a destination and does not stay in memory. */
export const queue = section(
  {
    enable: key(
      boolean,
      true,
      "Keep on disk what waits for destinations other than files: over an outage, a crash, a restart.",
    ),
    dir: optional(string, "Directory, of this agent alone.", {
      defaultText: "`queue` in `data_dir`",
      environment: ["ENV_DATAWAY_WAL_PATH"],
    }),
    max_size: key(capacity, 2 * GIB, "Bytes on disk for each category.", {
      environment: ["ENV_DATAWAY_WAL_CAPACITY"],
      datakit: "The variable counts in GiB, with a fraction, here too.",
    }),
    max_age: key(duration(), 12 * HOUR, "What has waited longer is dropped.", {
      environment: ["ENV_DATAWAY_DROP_EXPIRED_PACKAGE_AT"],
    }),
    min_free: key(
      integer(0, 99, "per cent"),
      15,
      "Part of the disk that stays free: more than where the kubelet begins to evict pods.",
    ),
    when_full: key(
      oneOf(WHEN_FULL),
      "drop_oldest",
      "What metrics lose when the disk queue is full.",
      {
        datakit: "The newest data is dropped.",
      },
    ),
    when_full_logging: key(oneOf(WHEN_FULL), "drop_oldest", "The same for logging."),
    sync: key(
      oneOf(["interval", "always", "never"]),
      "interval",
      "`interval`: what has waited for `max_loss` survives `kill -9` and a loss of power. `always`: everything is written at once. `never`: as `interval`, for `kill -9` only.",
      { datakit: "What is put on disk is synced each time; what is in memory is lost." },
    ),
    max_loss: key(duration(), SECOND, "At most this much time of data is lost by a crash."),
    fresh_first: key(
      boolean,
      true,
      "After an outage, send what came last before what waits on disk.",
    ),
    drain_rate: key(
      integer(0, undefined, "bytes"),
      8 * MIB,
      "Compressed bytes a second at which each destination is sent what waits on disk; 0: no limit.",
      { datakit: "One body in 30 s for each worker." },
    ),
    workers: optional(integer(0), "Accepted for compatibility.", {
      noEffect: "nobody waits for the disk",
      environment: ["ENV_DATAWAY_WAL_WORKERS"],
    }),
    mem_capacity: optional(integer(-1), "Accepted for compatibility.", {
      noEffect: "`delivery.max_memory` bounds memory",
      environment: ["ENV_DATAWAY_WAL_MEM_CAPACITY"],
    }),
    fail_cache_clean_interval: optional(duration(), "Accepted for compatibility.", {
      noEffect: "`queue.drain_rate` says how fast what waited is sent",
      environment: ["ENV_DATAWAY_WAL_FAIL_CACHE_CLEAN_INTERVAL"],
    }),
    no_drop_categories: optional(string, "Accepted for compatibility.", {
      noEffect: "scraping never waits for a full queue; `queue.when_full` says what is lost",
      environment: ["ENV_DATAWAY_WAL_NO_DROP_CATEGORIES"],
    }),
  },
  "Queue on disk.",
);
