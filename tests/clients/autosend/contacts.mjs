import { client, show } from "./sdk.mjs";

const autosend = client();
const { contacts } = autosend;
const list = show("list", await autosend.http.post("/contact-lists", { name: "Readers" }));

const ann = show("create", await contacts.create({ email: "Ann@Example.com" }));
show(
  "create with all",
  await contacts.create({
    email: "bob@example.com",
    firstName: "Bob",
    lastName: "Ray",
    userId: "user_2",
    listIds: [list.id],
    customFields: { plan: "pro", seats: 3, left: null, gone: undefined },
  }),
);
show("get", await contacts.get(ann.id));
show("upsert", await contacts.upsert({ email: "ann@example.com", firstName: "Ann", customFields: { plan: "free" } }));
show("upsert again", await contacts.upsert({ email: "ann@example.com", customFields: { plan: null, seats: 1 } }));
show("upsert another", await contacts.upsert({ email: "cy@example.com", listIds: [list.id] }));
show("members", await autosend.http.post("/contact-lists/contacts/search", { contactListId: list.id }));
show("delete", await contacts.delete(ann.id));

show("get deleted", await contacts.get(ann.id));
show("delete again", await contacts.delete(ann.id));
show("create taken", await contacts.create({ email: "BOB@example.com" }));
show("create without address", await contacts.create({}));
show("create with a bad address", await contacts.create({ email: "bob" }));
show("create on no list", await contacts.create({ email: "d@example.com", listIds: ["nowhere"] }));
show("upsert with a bad address", await contacts.upsert({ email: "bob" }));
show("bad key", await client({}, "AS_invalid").contacts.create({ email: "e@example.com" }));
show("no permission", await client({}, "AS_restricted").contacts.get(ann.id));
