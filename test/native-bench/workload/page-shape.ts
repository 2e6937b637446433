export interface PageShape {
  readonly samples: number;
  /** Bytes of a sample line without its line end. */
  readonly meanLine: number;
  readonly medianLabels: number;
  readonly zeroShare: number;
  readonly scientificShare: number;
  /** Of all lines. */
  readonly commentShare: number;
}

export function sampleLines(page: Buffer): string[] {
  return allLines(page).filter((line) => !line.startsWith("#"));
}

export function shapeOf(page: Buffer): PageShape {
  const lines = sampleLines(page);
  const share = (pattern: RegExp): number =>
    lines.filter((line) => pattern.test(line)).length / lines.length;
  const labels = lines
    .map((line) => line.match(/[{,]\w+="/g)?.length ?? 0)
    .toSorted((a, b) => a - b);
  return {
    samples: lines.length,
    meanLine: lines.reduce((sum, line) => sum + line.length, 0) / lines.length,
    medianLabels: labels[Math.floor(labels.length / 2)] ?? 0,
    zeroShare: share(/ 0$/),
    scientificShare: share(/ [\d.]+e[+-]\d+$/),
    commentShare: 1 - lines.length / allLines(page).length,
  };
}

function allLines(page: Buffer): string[] {
  return page.toString().split("\n").slice(0, -1);
}
