// What happens on the connection; the SDK's waits pass at once.
import { client, hurry, lookalike, show } from "./sdk.mjs";

const waits = hurry();
const base = process.env.AUTOSEND_BASE_URL;
show("too late", await client({ timeout: 100 }).contacts.upsert({ email: "late@example.com" }));
show("waits after a time-out", [...waits]);
show("nobody there", await client({ baseUrl: "http://127.0.0.1:9/v1" }).contacts.get("x").then((r) => r.success));
show("waits without a server", [...waits]);
show("double slash", await client({ baseUrl: `${base}/`, maxRetries: 1 }).contacts.get("x"));
show("base from an option", await lookalike({ baseUrl: base }).contacts.create({ email: "opt@example.com" }));
// After a broken connection the SDK leaves its time-out of 30 s running, which would keep Node alive.
process.exit();
