/**
 * Why points never reached a destination. Literal reasons: they are metric labels and stable.
 *
 * - `queue_full`: the bound of memory or disk was reached, by the policy for that case
 * - `expired`: it waited longer than the queue keeps anything
 * - `disk_lost`: it waited on disk and its file was taken away
 * - `http_400`, `http_404`, `http_4xx`: refused by the destination in a way that a retry does not change
 * - `partial_write`: the destination took the rest of the body (InfluxDB)
 * - `poison`: the destination fails again and again with this line, and takes others
 * - `point_too_large`: one line alone exceeds what the destination takes, or the largest body
 * - `corrupt`: a gzip member that had to be opened is none, or is not as long as it says; a record on disk is damaged
 * - `shutdown`: not sent before the deadline of `stop`
 */
export type LossReason =
  | "queue_full"
  | "expired"
  | "disk_lost"
  | "http_400"
  | "http_404"
  | "http_4xx"
  | "partial_write"
  | "poison"
  | "point_too_large"
  | "corrupt"
  | "shutdown";
