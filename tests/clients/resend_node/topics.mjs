import { resend, show } from "./sdk.mjs";

const { contacts, topics } = resend;

show("no visibility", await topics.create({ name: "News", defaultSubscription: "opt_in" }));
const news = show(
  "create",
  await topics.create({ name: "News", description: "d", defaultSubscription: "opt_in", visibility: "public" }),
);
show("get", await topics.get(news.id));
show("list", await topics.list());
show("update", await topics.update({ id: news.id, name: "Letters", visibility: "private" }));
show("get updated", await topics.get(news.id));

const ann = show("contact", await contacts.create({ email: "ann@example.com" }));
show("create with topics", await contacts.create({
  email: "bob@example.com",
  topics: [{ id: news.id, subscription: "opt_out" }],
}));
show("contact topics", await contacts.topics.list({ email: "bob@example.com" }));
show("no topics", await contacts.topics.list({ id: ann.id }));
show("update contact topics", await contacts.topics.update({
  id: ann.id,
  topics: [{ id: news.id, subscription: "opt_in" }],
}));

show("remove", await topics.remove(news.id));
show("get removed", await topics.get(news.id));
