const MASK = "***";

/** Up to the next blank, double quote or angle bracket: what a URL in a text cannot hold unescaped. */
const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"<>]+/gi;

/**
 * The URL as it may be logged: password and user masked, and every query value too, since tokens travel there
 * (`ENV_DATAWAY`) and nothing tells which parameter is one. What does not parse as a URL is masked whole.
 */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) {
    return MASK;
  }
  const parsed = new URL(url);
  const user = parsed.username !== "" || parsed.password !== "" ? `${MASK}@` : "";
  const parameters = parsed.search.split(/[?&]/).filter((parameter) => parameter !== "");
  const query = parameters.length === 0 ? "" : `?${parameters.map(maskValue).join("&")}`;
  return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}${query}`;
}

/** A parameter without a name is all value: `?tkn_…`. */
function maskValue(parameter: string): string {
  const equals = parameter.indexOf("=");
  return equals < 0 ? MASK : `${parameter.slice(0, equals)}=${MASK}`;
}

/** Text with each URL in it redacted: for error messages of others, which like to quote what they were given. */
export function redactText(text: string): string {
  return text.replace(URL_IN_TEXT, redactUrl);
}
