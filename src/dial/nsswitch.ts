/**
 * Whether the line `hosts:` of nsswitch.conf(5) names a source beside the hosts file and DNS, such as `mdns4_minimal`,
 * `mymachines` or `sss`: one that only the C library can ask.
 */
export function asksMoreThanDns(text: string): boolean {
  const line = text.split("\n").find((one) => /^\s*hosts\s*:/.test(one)) ?? "";
  const sources = (line.split("#", 1)[0] ?? "")
    .replace(/^\s*hosts\s*:/, "")
    // What to do with an answer: `[NOTFOUND=return]`.
    .replace(/\[[^\]]*\]/g, " ")
    .split(/\s+/)
    .filter((word) => word !== "");
  return sources.some((source) => source !== "files" && source !== "dns");
}
