// The SDK's own wait, in real time: one second after the first refusal.
import { client, show } from "./sdk.mjs";

const started = performance.now();
show("result", await client().contacts.upsert({ email: "ann@example.com" }));
show("milliseconds", performance.now() - started);
