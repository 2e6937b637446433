/**
 * A template of a dotted name in which `*` stands for text without dots, as in vmagent's `graphite`
 * action. Answers the whole name and what each `*` stood for, undefined where the name does not
 * fit.
 */
export function matchGraphite(template: string, name: string): readonly string[] | undefined {
  const texts = template.split("*");
  const found = [name];
  let at = 0;
  for (const [index, text] of texts.entries()) {
    if (index === 0) {
      if (!name.startsWith(text)) {
        return undefined;
      }
      at = text.length;
      continue;
    }
    const last = index === texts.length - 1;
    const end = text === "" && last ? name.length : name.indexOf(text, at);
    const stood = end === -1 ? "." : name.slice(at, end);
    if (stood.includes(".")) {
      return undefined;
    }
    found.push(stood);
    at = end + text.length;
  }
  return at === name.length ? found : undefined;
}

/**
 * `$1` and `${1}` as the text found there, 0 the whole name; all else, `$foo` and numbers without
 * text too, stays.
 */
export function expandGraphite(template: string, found: readonly string[]): string {
  return template.replace(/\$(?:\{([+-]?\d+)\}|(\d+))/g, (whole, braced, bare) => {
    return found[Number(braced ?? bare)] ?? whole;
  });
}
