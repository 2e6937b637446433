import { expect, test } from "vitest";
import { expandWildcards } from "../../../../src/discovery/kubernetes/claims/wildcards.ts";
import { record } from "../../../support/pod-claims.ts";

const four = record({ name: "pod-1", namespace: "ns1", ips: ["10.1.2.3"] });
const six = record({ name: "pod-1", namespace: "ns1", ips: ["fd00::7"] });

for (const [written, expected] of [
  ["$IP $NAMESPACE $PODNAME $NODENAME", "10.1.2.3 ns1 pod-1 node-1"],
  // spec/datakit-examples.md K03, the last row; "${IP}" is ours.
  ["$IPX ${IP} $PODNAMESPACE $UNKNOWN", "10.1.2.3X 10.1.2.3 pod-1SPACE $UNKNOWN"],
  ["${NAMESPACE}/${PODNAME}@${NODENAME}", "ns1/pod-1@node-1"],
  ["${IP $ IP} $ $$IP", "${IP $ IP} $ $10.1.2.3"],
] as const) {
  test(`${written} is ${expected}`, () => {
    expect(expandWildcards(written, four)).toBe(expected);
  });
}

for (const [written, expected] of [
  ['"http://$IP:8080/"', '"http://[fd00::7]:8080/"'],
  ['"http://${IP}:8080/"', '"http://[fd00::7]:8080/"'],
  ['"http://[$IP]:8080/"', '"http://[fd00::7]:8080/"'],
  ['"https://me:pw@$IP/"', '"https://me:pw@[fd00::7]/"'],
  ['"http://$IP/?ip=$IP"', '"http://[fd00::7]/?ip=fd00::7"'],
  ['ip = "$IP"', 'ip = "fd00::7"'],
] as const) {
  test(`an IPv6 address in ${written}`, () => {
    expect(expandWildcards(written, six)).toBe(expected);
  });
}
