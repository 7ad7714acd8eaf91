import { resend, show } from "./sdk.mjs";

const { domains, emails, logs, templates } = resend;

const made = show("create template", await templates.create({ name: "Welcome Mail", html: "<p>Hi</p>" }));
show("list templates", await templates.list());
show("list logs", await logs.list());
await emails.send({ from: "news@example.com", to: "bo@example.com", subject: "Hello", html: "<p>Hi</p>" });
show("list logs after a send", await logs.list());
show("list domains", await domains.list());
show("remove template", await templates.remove(made.id));
show("get removed template", await templates.get(made.id));
