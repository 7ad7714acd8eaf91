// One call of each kind under the faults that the test has set; the SDK's waits pass at once.
import { client, hurry, show } from "./sdk.mjs";

const waits = hurry();
const options = JSON.parse(process.env.OPTIONS ?? "{}");
const autosend = client(options);
const mail = { from: { email: "a@example.com" }, to: { email: "b@example.org" }, subject: "Hello", text: "Hi" };

const calls = {
  create: () => autosend.contacts.create({ email: "ann@example.com" }),
  upsert: () => autosend.contacts.upsert({ email: "ann@example.com" }),
  get: () => autosend.contacts.get("f".repeat(24)),
  delete: () => autosend.contacts.delete("f".repeat(24)),
  send: () => autosend.emails.send(mail),
  bulk: () => autosend.emails.bulk({ ...mail, to: undefined, recipients: [mail.to] }),
};
show("result", await calls[process.env.CALL]());
show("waits", waits);
// After a broken connection the SDK leaves its time-out of 30 s running, which would keep Node alive.
process.exit();
