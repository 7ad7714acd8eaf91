// globalSetup of Vitest or Jest: one server for the whole run. What it says in JSON becomes the environment.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export default async function setup() {
  const server = spawn("lookalike", ["serve", "--port", "0", "--fixture", "none", "--json"]);
  let said = "";
  server.stderr.on("data", (text) => (said += text));
  const over = once(server, "close").then(() => Promise.reject(new Error(said)));
  const [line] = await Promise.race([once(createInterface({ input: server.stdout }), "line"), over]);
  over.catch(() => {}); // from here on it may end
  const ready = JSON.parse(line);
  process.env.LOOKALIKE_URL = ready.url;
  process.env.RESEND_BASE_URL = ready.vendors.opensend.url;
  process.env.RESEND_API_KEY = ready.vendors.opensend.key;
  globalThis.lookalikeServer = server; // for Jest; its globalTeardown is () => globalThis.lookalikeServer.kill()
  return () => server.kill(); // for Vitest
}
