import { client, show } from "./sdk.mjs";

const { emails } = client();
const from = { email: "team@example.com", name: "The team" };
const mail = { from, to: { email: "Ann@example.org", name: "Ann" }, subject: "Hello", html: "<p>Hi</p>" };
const many = (count) => Array.from({ length: count }, (_, number) => ({ email: `p${number}@example.org` }));

show("send", await emails.send(mail));
show(
  "send with all",
  await emails.send({
    ...mail,
    to: many(2),
    cc: { email: "cc@example.org" },
    bcc: [{ email: "bcc@example.org" }],
    text: "Hi",
    dynamicData: { name: "Ann", number: 1 },
    replyTo: { email: "reply@example.com" },
    bypassSuppressions: true,
  }),
);
show("send a template", await emails.send({ from, to: mail.to, templateId: "A-0123456789abcdef01" }));
show("bulk", await emails.bulk({ ...mail, to: undefined, recipients: many(100) }));
show("bulk with a bad address", await emails.bulk({ from, subject: "Hi", text: "Hi", recipients: [{ email: "x" }] }));

show("send to nobody", await emails.send({ ...mail, to: undefined }));
show("send from nobody", await emails.send({ ...mail, from: undefined }));
show("send nothing", await emails.send({ ...mail, html: undefined }));
show("send to a bad address", await emails.send({ ...mail, to: { email: "ann" } }));
show("send a component", await emails.send({ ...mail, html: undefined, react: {} }));
show("bulk to nobody", await emails.bulk({ ...mail, recipients: [] }));
show("bulk to too many", await emails.bulk({ ...mail, recipients: many(101) }));
show("bulk from nobody", await emails.bulk({ ...mail, from: undefined, recipients: many(1) }));
show("bulk a component", await emails.bulk({ ...mail, html: undefined, react: {}, recipients: many(1) }));
show("bad key", await client({}, "AS_invalid").emails.send(mail));
show("bad key in bulk", await client({}, "AS_invalid").emails.bulk({ ...mail, recipients: many(1) }));
show("no permission", await client({}, "AS_restricted").emails.send(mail));
