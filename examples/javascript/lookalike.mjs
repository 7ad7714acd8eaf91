// A workspace of its own for every test: nothing of another test is in it, however many run at a time.
import { randomUUID } from "node:crypto";

async function control(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (process.env.LOOKALIKE_CONTROL_TOKEN) headers.Authorization = `Bearer ${process.env.LOOKALIKE_CONTROL_TOKEN}`;
  const url = `${process.env.LOOKALIKE_URL}/_lookalike${path}`;
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error);
  return data;
}

export async function workspace(settings = {}) {
  const name = `js-${randomUUID()}`;
  const { vendors } = await control("POST", "/workspaces", { name, ...settings });
  return {
    ...vendors, // opensend: { url, key, environment }, and so on
    fault: (rule) => control("POST", "/faults", { ...rule, when: { ...rule.when, workspace: name } }),
    messages: async () => (await control("GET", `/messages?workspace=${name}`)).messages,
    requests: async () => (await control("GET", `/requests?workspace=${name}`)).requests,
    advance: (duration) => control("POST", "/clock", { advance: duration, workspace: name }),
    drop: () => control("DELETE", `/workspaces/${name}`),
  };
}
