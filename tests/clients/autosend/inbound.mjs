import { client, hurry, show } from "./sdk.mjs";

const waits = hurry();
const { inboundEmails } = client();
const [first, second] = process.argv.slice(2);

show("list", await inboundEmails.list());
show("list by all", await inboundEmails.list({
  from: "ANN@example.org", to: "desk@support.example.com", threadId: first, search: "ORDER",
  dateFrom: "2026-01-01T00:00:00Z", dateTo: "2026-12-31T00:00:00Z", page: 1, limit: 1,
}));
show("list none", await inboundEmails.list({ from: "nobody@example.org", search: "" }));
show("list too many", await inboundEmails.list({ limit: 9999 }));
show("get", await inboundEmails.get(second));
show("get missing", await inboundEmails.get("f".repeat(24)));
show("get no id", await inboundEmails.get("missing"));

const file = show("attachment", await inboundEmails.getAttachmentDownloadUrl(second, 0));
show("attachment by id", await inboundEmails.getAttachmentDownloadUrl(second, file.attachmentId));
show("attachment missing", await inboundEmails.getAttachmentDownloadUrl(second, 1));
const got = await fetch(file.downloadUrl);
show("file", { data: [got.status, got.headers.get("content-type"), await got.text()] });

show("reply", await inboundEmails.reply(second, {
  from: { email: "help@support.example.com", name: "Help" }, html: "<p>Hi</p>", cc: [{ email: "cy@example.org" }],
}));
show("reply from nobody", await inboundEmails.reply(second, { text: "Hi" }));
show("waits", waits);
