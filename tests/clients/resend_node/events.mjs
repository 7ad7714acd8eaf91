import { resend, show } from "./sdk.mjs";

const { contacts, events } = resend;

show("flat schema", await events.create({ name: "user.signed_up", schema: { plan: "string" } }));
const signedUp = show("create", await events.create({ name: "user.signed_up" }));
show("list", await events.list());
show("get by name", await events.get("user.signed_up"));
show("get by id", await events.get(signedUp.id));
show("update", await events.update("user.signed_up", { name: "user.joined" }));

const ann = show("contact", await contacts.create({ email: "ann@example.com" }));
show("send", await events.send({ event: "user.joined", contactId: ann.id, payload: { plan: "pro" } }));
show("send by email", await events.send({ event: "user.joined", email: "Ann@example.com" }));
show("send reserved", await events.send({ event: "resend:x", email: "ann@example.com" }));

show("remove", await events.remove("user.joined"));
show("get removed", await events.get(signedUp.id));
