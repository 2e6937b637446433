import type { SampleLine } from "../exposition/sample-line.ts";
import { unescapeInto } from "../exposition/unescape.ts";
import type { Label } from "../rules/relabel/label-set.ts";
import { NAME_LABEL } from "../rules/relabel/relabel-rule.ts";

const NAME_ESCAPED = 1;
const VALUE_ESCAPED = 2;

const decoder = new TextDecoder();

/** Name and labels of a sample as texts without escapes, the name first, as `__name__`. */
export function labelsOf(line: SampleLine, bytes: Uint8Array): Label[] {
  const name = textOf(bytes, line.nameStart, line.nameEnd, line.nameEscaped);
  const labels: Label[] = [[NAME_LABEL, name]];
  for (let label = 0; label < line.labelCount; label++) {
    const [nameStart, nameEnd, valueStart, valueEnd] = line.spans.subarray(
      4 * label,
      4 * label + 4,
    );
    const escapes = line.escapes[label] as number;
    labels.push([
      textOf(bytes, nameStart as number, nameEnd as number, (escapes & NAME_ESCAPED) !== 0),
      textOf(bytes, valueStart as number, valueEnd as number, (escapes & VALUE_ESCAPED) !== 0),
    ]);
  }
  return labels;
}

function textOf(bytes: Uint8Array, start: number, end: number, escaped: boolean): string {
  if (!escaped) {
    return decoder.decode(bytes.subarray(start, end));
  }
  const plain = new Uint8Array(end - start);
  return decoder.decode(plain.subarray(0, unescapeInto(plain, bytes, start, end)));
}
