import { expect, test } from "vitest";
import { AnswerHeads } from "../../../src/delivery/send/answer-heads.ts";

/** What comes through of pieces, each of which may start anywhere. */
function through(...pieces: string[]): string {
  const heads = new AnswerHeads();
  return pieces
    .map((piece) => heads.take(Buffer.from(piece, "latin1")).toString("latin1"))
    .join("");
}

const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

test("an answer goes through as it is, in whatever pieces it comes", () => {
  expect(through(ANSWER)).toBe(ANSWER);
  expect(through(...ANSWER)).toBe(ANSWER);
});

test("interim answers are taken out, in whatever pieces they come", () => {
  const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  expect(through(interim + ANSWER)).toBe(ANSWER);
  expect(through(...interim, ...ANSWER)).toBe(ANSWER);
});

test("a change of protocol is none of them", () => {
  const upgrade = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
  expect(through(upgrade)).toBe(upgrade);
});

test("control bytes of a head become blanks, those of a body stay", () => {
  const head = (value: string) => `HTTP/1.1 400 Bad Request\r\nX-Influxdb-Error: ${value}\r\n\r\n`;
  expect(through(`${head("a\u0001b\rc\u007f\td")}\u0001`)).toBe(`${head("a b c \td")}\u0001`);
});

test("what is no HTTP is not waited for, nor is a head without end", () => {
  expect(through("SSH-2.0-OpenSSH")).toBe("SSH-2.0-OpenSSH");
  const endless = `HTTP/1.1 200 OK\r\nA: ${"x".repeat(70_000)}`;
  expect(through(endless)).toBe(endless);
});

test("the next answer is looked at again", () => {
  const heads = new AnswerHeads();
  const take = (text: string) => heads.take(Buffer.from(text, "latin1")).toString("latin1");
  take(ANSWER);
  heads.expect();
  expect(take(`HTTP/1.1 100 Continue\r\n\r\n${ANSWER}`)).toBe(ANSWER);
});
