import { resend, show } from "./sdk.mjs";

const { batch, emails } = resend;

const mail = { from: "news@example.com", to: "bo@example.com", subject: "Hello", html: "<p>Hi</p>" };

const sent = show("send", await emails.send({ ...mail, replyTo: "re@example.com", tags: [{ name: "a", value: "b" }] }));
show("get", await emails.get(sent.id));
show("list", await emails.list());
show("cancel queued", await emails.cancel(sent.id));

const later = show("schedule", await emails.send({ ...mail, scheduledAt: "2026-01-05T10:00:00.000Z" }));
show("reschedule", await emails.update({ id: later.id, scheduledAt: "2026-01-05T11:00:00.000Z" }));
show("get rescheduled", await emails.get(later.id));
show("cancel", await emails.cancel(later.id));
show("cancel again", await emails.cancel(later.id));

show("batch", await batch.send([mail, { ...mail, to: ["two@example.com"] }]));
show("once", await emails.send(mail, { idempotencyKey: "order-7" }));
show("once again", await emails.send({ ...mail, subject: "Another" }, { idempotencyKey: "order-7" }));

show("display name", await emails.send({ ...mail, from: "News <news@example.com>" }));
show("batch with a bad one", await batch.send([mail, { from: "news@example.com", subject: "s", html: "h" }]));
show("suppressed", await emails.send({ ...mail, to: "suppressed@resend.dev" }));
show("unknown", await emails.get("00000000-0000-4000-8000-000000000000"));
