import type { ReceivedWrite } from "./dataway.ts";

const MAX_RAW_BYTES = 1024 * 1024;

/** What a write gets wrong by section 5 of the specification, as sentences; empty where it is right. */
export function checkWrite(write: ReceivedWrite, token: string): readonly string[] {
  const header = (name: string) => String(write.headers[name] ?? "");
  const rules: readonly (readonly [boolean, string])[] = [
    [write.method === "POST", "not a POST"],
    [["/v1/write/metric", "/v1/write/logging"].includes(write.path), "unknown path"],
    [write.query.get("token") === token, "wrong or no token in the query"],
    [header("content-type") === "application/line-protocol", "wrong Content-Type"],
    [header("content-encoding") === "gzip", "wrong Content-Encoding"],
    [header("content-length") === String(write.wire.length), "no or wrong Content-Length"],
    [header("transfer-encoding") === "", "sent in chunks"],
    [header("x-points") === String(write.points.length), "wrong X-Points"],
    [/^dk_[0-9a-v]{20}$/.test(header("x-pkg-id")), "wrong X-Pkg-Id"],
    [/^[a-z]+-\w+-\w+\/\S+\/\S+$/.test(header("user-agent")), "wrong User-Agent"],
    [header("referer") !== "", "no Referer"],
    [write.points.length > 0, "no points"],
    [write.points.every(({ time }) => time !== undefined), "a point without time"],
    [write.body.at(-1) === 0x0a, "the last line does not end"],
    [write.body.length <= MAX_RAW_BYTES || write.points.length === 1, "more than 1 MiB of lines"],
  ];
  return rules.filter(([right]) => !right).map(([, wrong]) => wrong);
}
