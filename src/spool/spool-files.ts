import { type Disk, faultCode } from "./disk.ts";
import { decodePositions, type FoundPositions, generationOfName } from "./position-file.ts";
import { SegmentFile } from "./segment-file.ts";
import { firstOfName } from "./segment-format.ts";

/** Numbers that are left out after a segment whose end is not known. */
export const SPARE_NUMBERS = 2 ** 24;

/** What files of a category's directory say. */
export interface SpoolFiles {
  readonly segments: readonly SegmentFile[];
  readonly positions: readonly FoundPositions[];
  /** Beyond every number in use. */
  readonly nextSequence: number;
  /** Of all files with positions, whosever and in whatever state. */
  readonly highestGeneration: number;
  readonly tornBytes: number;
  readonly damagedRecords: number;
  /** Names of segments of another version, and of files that are nonsense. They were left alone. */
  readonly foreign: readonly string[];
  /** Codes of errors by the names of files that could not be opened or read, which may pass; `EVERSION` for positions of another version. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** Reads files of these names, in order. One that cannot be read never costs another. */
export async function readSpoolFiles(
  disk: Disk,
  directory: string,
  names: readonly string[],
): Promise<SpoolFiles> {
  const segments: SegmentFile[] = [];
  const positions: FoundPositions[] = [];
  const foreign: string[] = [];
  const unreadable = new Map<string, string>();
  let [nextSequence, highestGeneration, tornBytes, damagedRecords] = [1, 0, 0, 0];
  const unlessUnreadable = async (name: string, read: () => Promise<void>) => {
    try {
      await read();
    } catch (error) {
      const code = faultCode(error);
      if (code !== "ENOENT") {
        unreadable.set(name, code);
      }
    }
  };
  const readPositions = async (name: string, generation: number) => {
    highestGeneration = Math.max(highestGeneration, generation);
    const file = await disk.open(`${directory}/${name}`);
    const read = async () => file.read(0, await file.size());
    const found = decodePositions(await read().finally(() => file.close()), generation);
    if (found === "foreign") {
      unreadable.set(name, "EVERSION");
    } else if (found === "broken") {
      foreign.push(name);
    } else {
      nextSequence = Math.max(nextSequence, found.settled.last + 1);
      positions.push(found);
    }
  };
  const readSegment = async (name: string, first: number) => {
    // Until its end is known.
    const known = nextSequence;
    nextSequence = Math.max(known, first + 1 + SPARE_NUMBERS);
    const found = await SegmentFile.recover(disk, directory, name);
    switch (found.kind) {
      case "foreign":
      case "unreadable":
        foreign.push(name);
        break;
      case "empty":
        nextSequence = Math.max(known, first + 1);
        await disk.remove(`${directory}/${name}`).catch(() => undefined);
        break;
      case "segment":
        segments.push(found.segment);
        nextSequence = Math.max(known, found.segment.last + 1);
        tornBytes += found.tornBytes;
        damagedRecords += found.damagedRecords;
        break;
    }
  };
  for (const name of names) {
    const generation = generationOfName(name);
    const first = firstOfName(name);
    if (generation !== undefined) {
      await unlessUnreadable(name, () => readPositions(name, generation));
    } else if (first !== undefined) {
      await unlessUnreadable(name, () => readSegment(name, first));
    }
  }
  const sums = { nextSequence, highestGeneration, tornBytes, damagedRecords };
  return { segments, positions, ...sums, foreign, unreadable };
}
