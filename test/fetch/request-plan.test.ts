import { expect, test } from "vitest";
import type { PageRequest } from "../../src/fetch/page-request.ts";
import { planRequest } from "../../src/fetch/request-plan.ts";

function plan(more: Partial<PageRequest>, token?: string) {
  const asked: PageRequest = {
    url: "http://10.0.0.1:9100/metrics",
    headers: {},
    encoding: "identity",
    ...more,
  };
  return planRequest(asked, 10_000, token);
}

/** The value sent for a header, whatever case its name is in; names may come once only. */
function sent(name: string, more: Partial<PageRequest>, token?: string): string | undefined {
  const planned = plan(more, token);
  const headers = "headers" in planned ? planned.headers : [];
  const at = headers.flatMap((text, i) => (i % 2 === 0 && text.toLowerCase() === name ? [i] : []));
  expect(at.length).toBeLessThanOrEqual(1);
  return at[0] === undefined ? undefined : headers[at[0] + 1];
}

test.for(["gzip", "identity"] as const)("asks for %s", (encoding) => {
  expect(sent("accept-encoding", { encoding })).toBe(encoding);
});

test("credentials: the URL's user, then the token, then the user's header", () => {
  const url = "http://us%40er:p%3Aw@10.0.0.1/m";
  const headers = { authorization: "mine" };
  expect(sent("authorization", { url })).toBe(`Basic ${btoa("us@er:p:w")}`);
  expect(sent("authorization", { url }, "abc")).toBe("Bearer abc");
  expect(sent("authorization", { url, headers }, "abc")).toBe("mine");
  expect(sent("authorization", {})).toBeUndefined();
});

test("user and password are taken out of the URL", () => {
  const planned = plan({ url: "http://user:secret@10.0.0.1/m" });
  expect("url" in planned && planned.url.href).toBe("http://10.0.0.1/m");
});

test("a user's header takes the place of ours, but for Host", () => {
  expect(sent("user-agent", { headers: { "user-agent": "mine" } })).toBe("mine");
  expect(sent("accept", { headers: { ACCEPT: "text/plain" } })).toBe("text/plain");
  expect(sent("host", { headers: { Host: "other" } })).toBeUndefined();
});

test("a header value is sent as UTF-8 bytes", () => {
  expect(Buffer.from(sent("x-a", { headers: { "X-A": "é" } }) ?? "", "latin1").toString()).toBe(
    "é",
  );
});

test.for([
  "Connection",
  "Transfer-Encoding",
  "content-length",
  "TE",
  "Upgrade",
  "Expect",
  "Keep-Alive",
  "a b",
  "",
  "x:y",
  "é",
])("header name %j is refused", (name) => {
  expect(plan({ headers: { [name]: "x" } })).toMatchObject({ kind: "fault", reason: "bad_header" });
});

test.for(["a\nb", "a\r\nX: y", "a\0b", "\x7f"])(
  "header value %j is refused and not told",
  (value) => {
    const trouble = plan({ headers: { "X-A": value } });
    expect(trouble).toMatchObject({
      kind: "fault",
      reason: "bad_header",
      detail: expect.stringContaining("X-A"),
    });
    expect(trouble).not.toMatchObject({ detail: expect.stringContaining(value) });
  },
);

test.for(["", "metrics", "/var/metrics", "file:///x", "http://", "http://a b/"])(
  "URL %j is refused",
  (url) => {
    expect(plan({ url })).toMatchObject({ kind: "fault", reason: "bad_url" });
  },
);
