import { expect, test } from "vitest";
import { knownAddresses } from "../../src/dial/known-addresses.ts";

test.for(["10.0.0.1", "::1", "fd00::1", "::ffff:10.0.0.1", "fe80::1%eth0"])(
  "%s is its own address",
  (host) => {
    expect(knownAddresses(host)).toEqual([host]);
  },
);

test.for(["localhost", "LOCALHOST", "localhost.", "web.localhost", "a.b.localhost."])(
  "%s is this machine",
  (host) => {
    expect(knownAddresses(host)).toEqual(["127.0.0.1", "::1"]);
  },
);

test.for(["db", "notlocalhost", "localhost.test", "10.0.0", "10.0.0.256", "[::1]", ""])(
  "%j has to be looked up",
  (host) => {
    expect(knownAddresses(host)).toBeUndefined();
  },
);
