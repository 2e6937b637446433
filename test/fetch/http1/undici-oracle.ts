import net from "node:net";
import { Client } from "undici";

/** What undici's client makes of an answer, after which the connection is closed. */
export async function judgeByUndici(answer: Buffer): Promise<{ status: number; body: string }> {
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  const client = new Client(`http://127.0.0.1:${port}`);
  try {
    const { statusCode, body } = await client.request({ method: "GET", path: "/" });
    const bytes = Buffer.from(await body.arrayBuffer());
    return { status: statusCode, body: bytes.toString("latin1") };
  } finally {
    await client.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
