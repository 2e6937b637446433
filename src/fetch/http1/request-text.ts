import { type FetchFault, fault } from "../fetch-fault.ts";
import { isFieldName, isFieldValue } from "./field-syntax.ts";

/** What a URL gives: nothing that could end the request line. */
const TARGET = /^[\x21-\x7e]+$/;

/**
 * The whole of a GET request, one byte a character (Latin-1). `headers`: names and values in turn. `Host` and `Connection` are
 * made here.
 */
export function requestText(url: URL, headers: readonly string[]): string | FetchFault {
  const target = `${url.pathname}${url.search}`;
  if (!TARGET.test(target) || !TARGET.test(url.host)) {
    return fault("bad_url", "the URL has characters that cannot be sent");
  }
  // The host of a URL has brackets around an IPv6 address, and no port that is the scheme's own.
  let text = `GET ${target} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? "";
    const value = headers[at + 1] ?? "";
    if (!isFieldName(name) || !isFieldValue(value)) {
      return fault("bad_header", "a header has characters that cannot be sent");
    }
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}
