import { resend, show } from "./sdk.mjs";

const { contacts, segments } = resend;

const segment = show("segment", await segments.create({ name: "VIP" }));
show("contact", await contacts.create({ email: "ann@example.com" }));

show("segments as objects", await contacts.create({ email: "b@example.com", segments: [{ id: segment.id }] }));
show("numeric property", await contacts.create({ email: "b@example.com", properties: { visits: 5 } }));
show("bad email", await contacts.create({ email: "nobody" }));
show("no email", await contacts.create({ firstName: "Ann" }));
show("duplicate", await contacts.create({ email: "ANN@example.com" }));
show("imports", await contacts.imports.get("7b0a1e5c-5a36-4d53-8b39-0d5e4f1c2a3b"));
show("imports list", await contacts.imports.list());
show("only one contact", await contacts.list());
