import { resend, show } from "./sdk.mjs";

const { contactProperties } = resend;

show("create", await contactProperties.create({ key: "company", type: "string", fallbackValue: "Acme" }));
show("empty list", await contactProperties.list());

// The SDK cannot name a property; this is what a caller has to do instead.
const made = await resend.post("/contact-properties", { key: "company", name: "Company", type: "string" });
const company = show("post", made);
show("list", await contactProperties.list());
show("get", await contactProperties.get(company.id));
show("update", await contactProperties.update({ id: company.id, fallbackValue: "Acme" }));
show("get updated", await contactProperties.get(company.id));
show("remove", await contactProperties.remove(company.id));
show("get removed", await contactProperties.get(company.id));
