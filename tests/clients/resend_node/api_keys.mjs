import { Resend } from "resend";

import { resend, show } from "./sdk.mjs";

const { apiKeys } = resend;

const made = show("create", await apiKeys.create({ name: "Mailer", permission: "sending_access" }));
show("list", await apiKeys.list());
const mailer = new Resend(made.token);
show("use", await mailer.contacts.list());
show("remove", await apiKeys.remove(made.id));
show("use removed", await mailer.contacts.list());
show("remove again", await apiKeys.remove(made.id));
show("no name", await apiKeys.create({}));
