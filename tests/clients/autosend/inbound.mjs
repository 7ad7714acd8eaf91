import { client, hurry, show } from "./sdk.mjs";

const waits = hurry();
const { inboundEmails } = client();
show("list", await inboundEmails.list({ from: "a@example.com", page: 1, limit: 5, search: "" }));
show("waits", [...waits]);

const once = client({ maxRetries: 1 }).inboundEmails;
show("list all", await once.list());
show("get", await once.get("in_1"));
show("attachment", await once.getAttachmentDownloadUrl("in_1", 0));
show("reply", await once.reply("in_1", { from: { email: "team@example.com" }, text: "Hi" }));
