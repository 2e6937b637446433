// What an agent delivered, as line protocol or as Prometheus remote write 1.0, read for the one family that the target exposes:
//
//   outage_load{series="<number>"} <which scrape it is>

import { gunzipSync } from "node:zlib";
import { snappyDecompress } from "../servers/snappy.ts";

/** `<series> <scrape>` of each point, in order. */
export type Points = readonly string[];

export const FAMILY = "outage_load";
const LINE = /^outage,\S*?series=(\d+)\S* load=(\d+)/;

export function pointsOfLines(body: Buffer): Points {
  return gunzipSync(body)
    .toString("latin1")
    .split("\n")
    .flatMap((line) => {
      const [, series, scrape] = LINE.exec(line) ?? [];
      return series === undefined ? [] : [`${series} ${scrape}`];
    });
}

export function pointsOfRemoteWrite(block: Buffer): Points {
  const points: string[] = [];
  for (const [field, series] of fieldsOf(snappyDecompress(block))) {
    if (field === 1) {
      points.push(...pointsOfSeries([...fieldsOf(series)]));
    }
  }
  return points;
}

function pointsOfSeries(fields: readonly (readonly [number, Buffer])[]): string[] {
  const labels = new Map(
    fields
      .filter(([field]) => field === 1)
      .map(([, label]) => [...fieldsOf(label)].map(([, text]) => text.toString()))
      .map(([name = "", value = ""]) => [name, value]),
  );
  if (labels.get("__name__") !== FAMILY) {
    return [];
  }
  return fields
    .filter(([field]) => field === 2)
    .flatMap(([, sample]) => [...fieldsOf(sample)].filter(([field]) => field === 1))
    .map(([, double]) => double.readDoubleLE(0))
    .filter((value) => !Number.isNaN(value))
    .map((value) => `${labels.get("series")} ${value}`);
}

/** Number and bytes of each field; those of a varint are left out. */
function* fieldsOf(message: Buffer): Generator<readonly [number, Buffer]> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return value;
      }
    }
  };
  while (at < message.length) {
    const tag = varint();
    const kind = tag & 7;
    if (kind === 0) {
      varint();
      continue;
    }
    const length = kind === 1 ? 8 : kind === 5 ? 4 : varint();
    yield [tag >>> 3, message.subarray(at, at + length)];
    at += length;
  }
}
