/** A position in a file as editors count it: both from 1, the column in characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something wrong in what the user wrote. An error turns its table (or file) off; a warning changes nothing. */
export interface ConfigIssue {
  readonly severity: "error" | "warning";
  readonly file: string;
  /** Absent where the trouble is the file itself (unreadable), or an environment variable. */
  readonly position?: Position;
  /** Dotted key, `inputs.prom.interval`; for the environment the variable's name; empty for the whole file. */
  readonly key: string;
  /** What is wrong and what would be right. Never holds a secret value. */
  readonly message: string;
}
