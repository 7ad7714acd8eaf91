import { Resend } from "autosendjs/resend";

import { client, key, lookalike, show } from "./sdk.mjs";

const list = show("list", await client().http.post("/contact-lists", { name: "Readers" }));
const { contacts, emails } = lookalike();

const ann = show(
  "create",
  await contacts.create({
    email: "Ann@example.com",
    firstName: "Ann",
    lastName: "Lee",
    properties: { plan: "pro" },
    listIds: [list.id],
  }),
);
show("get", await contacts.get(ann.id));
show("get by object", await contacts.get({ id: ann.id }));
show("update", await contacts.update({ email: "ann@example.com", firstName: null, properties: { plan: "free" } }));
show("get updated", await contacts.get(ann.id));
show("get by address", await contacts.get({ email: "ann@example.com" }));
show("update by id", await contacts.update({ id: ann.id, firstName: "x" }));
show("remove by address", await contacts.remove({ email: "ann@example.com" }));
show("create taken", await contacts.create({ email: "ann@example.com" }));
show("create with a bad address", await contacts.create({ email: "ann" }));
show("update with a bad address", await contacts.update({ email: "ann" }));
show("remove", await contacts.remove(ann.id));
show("remove again", await contacts.remove({ id: ann.id }));
show("get removed", await contacts.get(ann.id));

const mail = { from: "The team <team@example.com>", to: "Ann <ann@example.org>", subject: "Hello", html: "<p>Hi</p>" };
show("send", await emails.send(mail));
show(
  "send with all",
  await emails.send({
    ...mail,
    to: ["ann@example.org"],
    cc: "cc@example.org",
    bcc: ["B <bcc@example.org>"],
    replyTo: ["reply@example.com", "other@example.com"],
    text: "Hi",
    variables: { name: "Ann" },
    bypassSuppressions: true,
  }),
);
show("send to several", await emails.send({ ...mail, to: ["a@example.org", "B <b@example.org>"] }));
show("send to too many", await emails.send({ ...mail, to: Array.from({ length: 101 }, (_, n) => `p${n}@x.org`) }));
show("send without a subject", await emails.send({ ...mail, subject: undefined }));
show("send several nothing", await emails.send({ ...mail, html: undefined, to: ["a@example.org", "b@example.org"] }));
show("bad key", await lookalike({}, "AS_invalid").emails.send(mail));
show("bad key for contacts", await lookalike({}, "AS_invalid").contacts.get(ann.id));
show("no permission", await lookalike({}, "AS_restricted").emails.send(mail));

try {
  new Resend();
} catch (error) {
  show("no key", error.message);
}
process.env.RESEND_API_KEY = key;
show("key from the environment", await new Resend().contacts.create({ email: "env@example.com" }));
