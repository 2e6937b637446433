import { redactText, redactUrl } from "../../redact.ts";

const MASK = "***";
/** Deeper than any message of ours; what lies below is not shown. */
const MAX_DEPTH = 5;
const URL_KEY = /url$/i;
const SECRET_KEY = /authorization|password|passwd|secret|cookie|token$/i;

/**
 * The fields of a message as they may be shown. A belt over the callers' own care: URLs lose user, password and query wherever
 * they stand in a text, and a field named like a secret loses its value.
 */
export function redactFields(fields: object): Record<string, unknown> {
  return redactObject(fields, 0);
}

function redactObject(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, redactField(key, value, depth)]),
  );
}

function redactField(key: string, value: unknown, depth: number): unknown {
  if (SECRET_KEY.test(key) && value !== undefined) {
    return MASK;
  }
  // A path may stand where a URL is wanted (`urls` takes both); only with a scheme can there be a secret in it.
  if (typeof value === "string" && URL_KEY.test(key) && /:\/\/|@/.test(value)) {
    return redactUrl(value);
  }
  return redactValue(value, depth);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") {
    return redactText(value);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (depth >= MAX_DEPTH) {
    return MASK;
  }
  if (value instanceof Error) {
    return redactError(value, depth);
  }
  if (value instanceof URL) {
    return redactUrl(value.href);
  }
  return Array.isArray(value)
    ? value.map((element) => redactValue(element, depth + 1))
    : redactObject(value, depth + 1);
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ""),
    ...redactObject(error, depth + 1),
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
  };
}
