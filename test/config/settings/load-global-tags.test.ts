import { describe, expect, test } from "vitest";
import { load, OFFLINE } from "./load-case.ts";

describe("global tags", () => {
  test("values of the node are filled in, host is forced", async () => {
    const { settings, issues } = await load({
      ENV_GLOBAL_HOST_TAGS:
        "host=mine,a=__datakit_hostname,b=$DATAKIT_IP,c=__datakit_id,d=x__datakit_ip,e= f ",
      ENV_CLUSTER_NAME_K8S: "prod",
      ENV_K8S_NODE_NAME: "node-1",
    });
    expect(settings.hostname).toBe("node-1");
    expect(settings.globalHostTags).toEqual({
      host: "node-1",
      a: "node-1",
      b: "10.0.0.9",
      c: "node-1",
      d: "x__datakit_ip",
      e: " f ",
      cluster_name_k8s: "prod",
    });
    expect(settings.globalElectionTags).toEqual(settings.globalHostTags);
    expect(issues).toEqual([]);
  });

  test("the address of the node wins over the route", async () => {
    const { settings } = await load({ ENV_GLOBAL_TAGS: "ip=__datakit_ip", HOST_IP: "10.1.1.1" });
    expect(settings.globalHostTags).toMatchObject({ ip: "10.1.1.1" });
  });

  test("a machine without network loses only that tag", async () => {
    const tags = { ENV_GLOBAL_HOST_TAGS: "ip=__datakit_ip,a=b" };
    const { settings, issues } = await load(tags, undefined, OFFLINE);
    expect(settings.globalHostTags).toEqual({ a: "b", host: "machine" });
    expect(issues).toEqual([
      'environment: warning: ENV_GLOBAL_HOST_TAGS: this machine has no address for the tag "ip", which is left out',
    ]);
  });

  test("election tags count while election is on", async () => {
    const { settings, issues } = await load({
      ENV_ENABLE_ELECTION: "enable",
      ENV_NAMESPACE: "ns",
      ENV_ENABLE_ELECTION_NAMESPACE_TAG: "true",
      ENV_GLOBAL_ELECTION_TAGS: "zone=a,by=__datakit_hostname",
    });
    expect(settings.election).toEqual({ enabled: true, namespace: "ns" });
    expect(settings.globalElectionTags).toEqual({
      zone: "a",
      by: "machine",
      election_namespace: "ns",
    });
    expect(issues).toEqual([
      "environment: warning: ENV_ENABLE_ELECTION: election is not built yet: every node scrapes every input",
    ]);
  });

  test("a part that is no pair is left out", async () => {
    const { settings, issues } = await load({ ENV_GLOBAL_HOST_TAGS: "a=b,c=d=e,,f" });
    expect(settings.globalHostTags).toEqual({ a: "b", host: "machine" });
    expect(issues).toHaveLength(2);
  });
});
