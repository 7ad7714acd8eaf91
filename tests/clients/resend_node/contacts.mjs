import { resend, show } from "./sdk.mjs";

const { contacts } = resend;

const ann = show("create", await contacts.create({ email: "Ann@Example.com", firstName: "Ann", lastName: "Lee" }));
const bob = show(
  "create with all",
  await contacts.create({ email: "bob@example.com", unsubscribed: true, properties: { plan: "pro" } }),
);
show("get by id", await contacts.get(ann.id));
show("get by email", await contacts.get({ email: "bob@example.com" }));
show("list", await contacts.list());

const first = show("first page", await contacts.list({ limit: 1 }));
show("second page", await contacts.list({ limit: 1, after: first.data[0].id }));

show("update", await contacts.update({ id: ann.id, firstName: "Anna", unsubscribed: true, properties: { n: "1" } }));
show("update by email", await contacts.update({ email: "bob@example.com", firstName: "Bob" }));
show("remove by email", await contacts.remove({ email: "bob@example.com" }));
show("remove", await contacts.remove(ann.id));

show("get removed", await contacts.get(ann.id));
show("update removed", await contacts.update({ id: bob.id, firstName: "x" }));
show("remove again", await contacts.remove({ id: bob.id }));

show("empty list", await contacts.list());
