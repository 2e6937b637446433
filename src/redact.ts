const MASK = "***";

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
  const names = [...parsed.searchParams.keys()];
  const query = names.length === 0 ? "" : `?${names.map((name) => `${name}=${MASK}`).join("&")}`;
  return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}${query}`;
}
