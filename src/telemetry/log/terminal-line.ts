const RESET = "\u001b[0m";
const GREY = "\u001b[90m";
/** pino's level numbers. */
const LEVELS: Readonly<Record<number, readonly [name: string, color: string]>> = {
  10: ["TRACE", GREY],
  20: ["DEBUG", GREY],
  30: ["INFO ", "\u001b[32m"],
  40: ["WARN ", "\u001b[33m"],
  50: ["ERROR", "\u001b[31m"],
  60: ["FATAL", "\u001b[41m"],
};
/** C1 controls and DEL, which JSON leaves as they are and a terminal obeys. */
const LEFT_CONTROLS = /[\u007f-\u009f]/g;

/** A line of pino's JSON in the form for people: `14:03:59 INFO  message key=value`, with its line end. */
export function terminalLine(json: string, color: boolean): string {
  const { level, time, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const [name, paint] = LEVELS[Number(level)] ?? ["?    ", GREY];
  const clock = new Date(Number(time)).toTimeString().slice(0, 8);
  const shown = Object.entries(fields).map(([key, value]) => `${key}=${shownValue(value)}`);
  const rest = shown.length === 0 ? "" : ` ${shown.join(" ")}`;
  // Fixed texts of ours, but a message of a library may come this way.
  const message = escapeControls(
    JSON.stringify(msg ?? "")
      .slice(1, -1)
      .replaceAll('\\"', '"'),
  );
  return color
    ? `${GREY}${clock}${RESET} ${paint}${name}${RESET} ${message}${GREY}${rest}${RESET}\n`
    : `${clock} ${name} ${message}${rest}\n`;
}

/** Bare where nothing in it could be taken for something else, else as JSON: what a target sent cannot move the cursor. */
function shownValue(value: unknown): string {
  return typeof value === "string" && /^[\w./:@%+,*[\]-]+$/.test(value)
    ? value
    : escapeControls(JSON.stringify(value) ?? "null");
}

function escapeControls(text: string): string {
  return text.replace(
    LEFT_CONTROLS,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
