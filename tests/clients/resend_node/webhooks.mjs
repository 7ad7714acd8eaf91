import { createHmac } from "node:crypto";

import { resend, show } from "./sdk.mjs";

const { webhooks } = resend;

const endpoint = "https://hooks.example.com/x";
const hook = show("create", await webhooks.create({ endpoint, events: ["contact.created", "email.sent"] }));
show("list", await webhooks.list());
show("get", await webhooks.get(hook.id));
show("update", await webhooks.update(hook.id, { events: ["email.sent"], status: "disabled" }));
show("unknown event", await webhooks.create({ endpoint, events: ["nothing.happened"] }));
show("remove", await webhooks.remove(hook.id));
show("get removed", await webhooks.get(hook.id));

// OpenSend takes the secret as it stands for the key; the SDK decodes it first, and so refuses a right signature.
const id = "whd_5fb5bf8f-e6d4-4c3d-8dbb-ad848bc6b554_1";
const timestamp = String(Math.floor(Date.now() / 1000));
const payload = JSON.stringify({ type: "contact.created" });
const key = hook.signing_secret.replace("whsec_", "");
const signature = "v1," + createHmac("sha256", key).update(`${id}.${timestamp}.${payload}`).digest("base64");
try {
  webhooks.verify({ payload, headers: { id, timestamp, signature }, webhookSecret: hook.signing_secret });
  show("verify", { data: "verified", error: null });
} catch (error) {
  show("verify", { data: null, error: error instanceof Error });
}
