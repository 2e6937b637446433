/** A name that every Prometheus accepts: ASCII letters, digits and underscores, no digit first. */
export function isLegacyLabelName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** Any text but none; it is UTF-8 because text is. */
export function isUtf8LabelName(name: string): boolean {
  return name !== "" && !/[\ud800-\udfff]/u.test(name);
}

/** A legacy name in which `$1`, `${1}`, `$name` and `${name}` may stand for characters. */
export function isLegacyLabelTemplate(text: string): boolean {
  return /^(?:[A-Za-z_]|\$(?:\{\w+\}|\w))(?:\w|\$(?:\{\w+\}|\w))*$/.test(text);
}

/**
 * What is no letter, digit or underscore becomes an underscore: names of Kubernetes labels within
 * `__meta_…`.
 */
export function sanitizeLabelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/gu, "_");
}

/** The same for a metric's name, in which colons may stand. */
export function sanitizeMetricName(name: string): string {
  return name.replace(/[^A-Za-z0-9_:]/gu, "_");
}
