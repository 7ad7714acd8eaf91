import { resend, show } from "./sdk.mjs";

const { broadcasts, segments } = resend;

const segment = show("segment", await segments.create({ name: "Readers" }));
const letter = { segmentId: segment.id, from: "news@example.com", subject: "Hi", html: "<p>Hi</p>" };
const draft = show("create", await broadcasts.create({ ...letter, name: "June" }));
show("get", await broadcasts.get(draft.id));
show("list", await broadcasts.list());
show("update", await broadcasts.update(draft.id, { subject: "Hello", previewText: "p" }));
show("schedule", await broadcasts.send(draft.id, { scheduledAt: "2026-01-05T10:00:00.000Z" }));
show("schedule again", await broadcasts.send(draft.id));
show("remove", await broadcasts.remove(draft.id));
show("get removed", await broadcasts.get(draft.id));

const other = show("create other", await broadcasts.create(letter));
show("send", await broadcasts.send(other.id));
show("remove sent", await broadcasts.remove(other.id));
show("incomplete", await broadcasts.create({ subject: "Hi", from: "news@example.com" }));
