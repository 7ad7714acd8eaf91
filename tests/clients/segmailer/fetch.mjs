// What SegMailer shows its users: plain fetch, the key, a JSON string, no content type. Only the host may be another.
const api = process.env.SEGMAILER_URL ?? "https://api.segmailer.com";
const key = process.env.SEGMAILER_API_KEY;

async function call(method, path, body) {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}` },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : null };
}

const upsert = (attributes) =>
  call("POST", "/api/v2/contacts", { identifier: { email: "user@example.com" }, attributes });
const jane = { firstName: "Jane", lastName: "Doe", plan: "premium", signupDate: "2024-01-15" };
const where = (attribute, op, value) => ({ attribute, op, value });

const steps = [
  ["premium", () => call("POST", "/api/v2/segments", { name: "Premium", filter: where("plan", "eq", "premium") })],
  ["free", () => call("POST", "/api/v2/segments", { name: "Free", filter: where("plan", "eq", "free") })],
  ["create", () => upsert(jane)],
  ["again", () => upsert(jane)],
  ["moved", () => upsert({ plan: "free" })],
  ["left", () => upsert({ plan: null })],
  ["event", () =>
    call("POST", "/v1/events", {
      identifier: { email: "user@example.com" },
      event: "feature_X_used",
      data: { feature_name: "reports" },
    }),
  ],
  ["read", () => call("GET", `/api/v2/contacts/${encodeURIComponent("user@example.com")}`)],
  ["bad", () => call("POST", "/api/v2/contacts", { identifier: {} })],
  ["delete", () => call("DELETE", `/api/v2/contacts/${encodeURIComponent("user@example.com")}`)],
  ["gone", () => call("GET", `/api/v2/contacts/${encodeURIComponent("user@example.com")}`)],
];
for (const [name, step] of steps) console.log(JSON.stringify([name, await step()]));
