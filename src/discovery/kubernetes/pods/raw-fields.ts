/** An object as the API server wrote it, of which nothing is known. */
export type RawFields = Readonly<Record<string, unknown>>;

/** Empty where it is no object. */
export function rawFields(raw: unknown): RawFields {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) ? (raw as RawFields) : {};
}

/** Empty where it is no list. */
export function rawList(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? raw : [];
}

/** Empty where it is no text. */
export function rawText(raw: unknown): string {
  return typeof raw === "string" ? raw : "";
}
