import type { PodRecord } from "../pods/pod-record.ts";

const WILDCARD = /\$(?:\{(IP|NAMESPACE|PODNAME|NODENAME)\}|(IP|NAMESPACE|PODNAME|NODENAME))/g;
/** The text before an address where a URL wants its host: then IPv6 needs brackets. */
const BEFORE_HOST = /:\/\/(?:[^\s"'/?#@[\]]*@)?$/;

/**
 * The text of an annotation with `$IP`, `$NAMESPACE`, `$PODNAME` and `$NODENAME` filled in, also as `${IP}`. As in DataKit no
 * word ends them: `$IPX` is the address and an X. Addresses and names of pods hold nothing that means something in TOML.
 */
export function expandWildcards(text: string, pod: PodRecord): string {
  return text.replace(WILDCARD, (_, braced: string | undefined, bare: string, offset: number) => {
    switch (braced ?? bare) {
      case "IP":
        return addressText(pod.ips[0] ?? "", text.slice(Math.max(0, offset - 300), offset));
      case "NAMESPACE":
        return pod.namespace;
      case "PODNAME":
        return pod.name;
      default:
        return pod.node;
    }
  });
}

function addressText(ip: string, before: string): string {
  return ip.includes(":") && BEFORE_HOST.test(before) ? `[${ip}]` : ip;
}
