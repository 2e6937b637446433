/** RFC 9110, 5.1 and 5.6.2. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110, 5.5, each byte one character: no control character but the tab. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function isFieldName(text: string): boolean {
  return NAME.test(text);
}

export function isFieldValue(text: string): boolean {
  return VALUE.test(text);
}
