import { resend, show } from "./sdk.mjs";

const { domains, emails, logs, templates } = resend;

const made = show("create template", await templates.create({ name: "Welcome Mail", html: "<p>Hi</p>" }));
show("list templates", await templates.list());
show("list logs", await logs.list());
await emails.send({ from: "news@example.com", to: "bo@example.com", subject: "Hello", html: "<p>Hi</p>" });
show("list logs after a send", await logs.list());
show("list domains", await domains.list());
const domain = show("create domain", await domains.create({ name: "example.com" }));
show("get domain", await domains.get(domain.id));
show("update domain", await domains.update({ id: domain.id, tls: "enforced" }));
show("remove domain", await domains.remove(domain.id));
show("get removed domain", await domains.get(domain.id));
show("publish template", await templates.publish(made.id));
show("update template", await templates.update(made.id, { name: "Welcome" }));
show("create and publish", await templates.create({ name: "Two", html: "<p>2</p>" }).publish());
show("remove template", await templates.remove(made.id));
show("get removed template", await templates.get(made.id));
