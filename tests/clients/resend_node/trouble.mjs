import { Resend } from "resend";

import { resend, show } from "./sdk.mjs";

const refused = new Resend("os_invalid", { baseUrl: process.env.RESEND_BASE_URL });
const restricted = new Resend("os_restricted", { baseUrl: process.env.RESEND_BASE_URL });
const mail = { from: "news@example.com", to: "bo@example.com", subject: "Hello", html: "<p>Hi</p>" };
const fault = (text) => ({ headers: { "X-Lookalike-Fault": text } });

show("bad key", await refused.contacts.list());
show("bad key on a send", await refused.emails.send(mail));
show("no permission", await restricted.contacts.list());
show("rate limited", await resend.contacts.list({}, fault("429")));
show("rate limited send", await resend.emails.send(mail, fault("rate_limited")));
show("unavailable", await resend.contacts.list({}, fault("503")));
show("reset", await resend.contacts.list({}, fault("reset")));
show("closed without an answer", await resend.contacts.list({}, fault("empty")));
show("cut short", await resend.contacts.list({}, fault("truncate")));
show("no JSON", await resend.contacts.list({}, fault("garbage")));

const started = performance.now();
show("late", await resend.contacts.list({}, fault("latency=300")));
console.log(JSON.stringify(["late by", performance.now() - started]));
show("well again", await resend.contacts.list());
