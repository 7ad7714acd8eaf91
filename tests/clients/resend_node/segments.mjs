import { resend, show } from "./sdk.mjs";

const { audiences, contacts, segments } = resend;

const vip = show("create", await segments.create({ name: " VIP " }));
const news = show("create audience", await audiences.create({ name: "News" }));
show("get", await segments.get(vip.id));
show("get audience", await audiences.get(news.id));

const ann = show("ann", await contacts.create({ email: "ann@example.com", firstName: "Ann" }));
const bob = show("bob", await contacts.create({ email: "bob@example.com", unsubscribed: true }));
show("add", await contacts.segments.add({ contactId: ann.id, segmentId: vip.id }));
show("add by email", await contacts.segments.add({ email: "bob@example.com", segmentId: vip.id }));
show("list", await segments.list());
show("list audiences", await audiences.list({ limit: 1 }));
show("members", await contacts.list({ segmentId: vip.id }));
show("members by audience", await contacts.list({ audienceId: news.id }));
show("segments of ann", await contacts.segments.list({ contactId: ann.id }));
show("segments of bob", await contacts.segments.list({ email: "bob@example.com" }));
show("leave", await contacts.segments.remove({ contactId: ann.id, segmentId: vip.id }));
show("leave by email", await contacts.segments.remove({ email: "bob@example.com", segmentId: vip.id }));
show("no members", await contacts.list({ segmentId: vip.id }));

show("remove", await segments.remove(vip.id));
show("remove audience", await audiences.remove(news.id));
show("get removed", await segments.get(vip.id));
show("add to removed", await contacts.segments.add({ contactId: bob.id, segmentId: vip.id }));
show("no name", await segments.create({}));
