/** Rows as Markdown, columns padded; all but the first columns of text stand right. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => {
    return Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length));
  });
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return isNumber(rows, column) ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, column) => {
    return isNumber(rows, column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width);
  });
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

/** Columns whose filled cells all begin with a digit or a sign. */
function isNumber(rows: readonly (readonly string[])[], column: number): boolean {
  const filled = rows.map((row) => row[column] ?? "").filter((cell) => cell !== "");
  return filled.length > 0 && filled.every((cell) => /^[-\d]/.test(cell));
}
