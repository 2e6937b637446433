const PREFIX = /^tkn[-_]?/i;

/** Forms that no token has: brackets, variables nobody filled in, and dots, stars or x's for "something goes here". */
const FORMS = [
  /^<.*>$/s,
  /^\[.*\]$/s,
  /^\{\{.*\}\}$/s,
  /^\$(?:\w+|\{\w+\}|\(\w+\))$/,
  /^%\w+%$/,
  /^(?:x{3,}|\*{3,}|_{3,}|-{1,3}|\.{3,}|…)$/i,
];
/** Words that ask to be replaced, wherever they stand. */
const ORDERS =
  /replace[-_ ]?(?:me|this|with)|change[-_ ]?(?:me|this|it)|placeholder|fill[-_ ]?(?:me|this)|your[-_ ]?(?:\w+[-_ ])?token|token[-_ ]?here/i;
/** Texts that name what belongs there and are nothing else. */
const NAMES =
  /^(?:(?:your|my|the|insert|put|enter|paste|dataway|workspace|api|actual|real|secret)[-_ ]?)*(?:tokens?|todo|tbd|fixme)$/i;

/** Whether a token is a text that an example left in its place; such a text holds no secret and may be shown. */
export function isPlaceholder(token: string): boolean {
  const text = token.trim();
  const rest = text.replace(PREFIX, "");
  return (
    [text, rest].some((one) => FORMS.some((form) => form.test(one))) ||
    ORDERS.test(text) ||
    NAMES.test(rest)
  );
}
