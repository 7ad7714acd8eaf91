import { resend, show } from "./sdk.mjs";

const { automations, contacts, suppressions } = resend;
const id = "7b0a1e5c-5a36-4d53-8b39-0d5e4f1c2a3b";

show("create in audience", await contacts.create({ audienceId: id, email: "ann@example.com" }));
show("get in audience", await contacts.get({ audienceId: id, email: "ann@example.com" }));
show("update in audience", await contacts.update({ audienceId: id, email: "ann@example.com", firstName: "x" }));
show("remove in audience", await contacts.remove({ audienceId: id, email: "ann@example.com" }));
show("import", await contacts.imports.create({ file: new Blob(["email\nann@example.com\n"]) }));
show("suppress", await suppressions.add({ email: "ann@example.com" }));
show("list suppressions", await suppressions.list());
show("get suppression", await suppressions.get("ann@example.com"));
show("unsuppress", await suppressions.remove("ann@example.com"));
show("suppress many", await suppressions.batch.add({ emails: ["ann@example.com"] }));
show("not there yet", await automations.list());
show("nothing happened", await contacts.list());
