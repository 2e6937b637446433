import { encodeTagKey, encodeTagValue } from "../lineprotocol/escape.ts";
import { timestampText } from "../lineprotocol/field-value.ts";

const decoder = new TextDecoder();

/** `collector,<tags> up=1i <time>` (datakit.md 1.2), once for each scrape and URL. */
export function upPoint(tags: Readonly<Record<string, string>>, up: boolean, atMs: number): string {
  const written = Object.entries(tags)
    .map(([name, value]) => [text(encodeTagKey(name)), text(encodeTagValue(value))] as const)
    .filter(([name, value]) => name !== "" && value !== "")
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `,${name}=${value}`);
  return `collector${written.join("")} up=${up ? 1 : 0}i ${timestampText(atMs) ?? 0}\n`;
}

function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
