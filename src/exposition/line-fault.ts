/** Why a line was skipped. Literal reasons: they are metric labels and stable. */
export type LineFault =
  | "line_too_long"
  | "bad_name"
  | "bad_label"
  | "bad_escape"
  | "duplicate_label"
  | "too_many_labels"
  | "bad_value"
  | "bad_timestamp"
  | "bad_exemplar"
  | "bad_utf8"
  | "trailing_text"
  | "bad_metadata"
  | "after_eof";
