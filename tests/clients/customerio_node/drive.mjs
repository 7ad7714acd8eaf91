// Calls methods of the official SDK one after the other, as STEPS says, and prints what each came to as a JSON line.
//
// A step is [client, method, ...arguments]. An argument {"new": "SendEmailRequest", "with": {...}} is made with `new`,
// {"from": 3, "path": "segment.id"} is a part of what the step of that number came to. Without URL the clients are those
// of the region REGION (US or EU), at the host names that the SDK has built in; without REGION they are made as they come.
import sdk from "customerio-node";

const { KEY, REGION, URL } = process.env;
const options = JSON.parse(process.env.OPTIONS ?? "{}");

const at = (path) => (URL ? { url: `${URL}${path}` } : REGION ? { region: sdk[`Region${REGION}`] } : {});
const clients = {
  track: new sdk.TrackClient(KEY, "secret", { ...at("/api/v1"), ...options }),
  api: new sdk.APIClient(KEY, { ...at("/v1"), ...options }),
  pipelines: new sdk.PipelinesClient(KEY, { ...at("/v1"), ...options }),
};
const results = [];
const waits = [];

// The waits between attempts pass at once, and are told; `sleep` stands apart in the SDK for that purpose.
for (const { request } of Object.values(clients)) {
  request.sleep = async (milliseconds) => waits.push(milliseconds);
}

for (const [client, method, ...given] of JSON.parse(process.env.STEPS)) {
  let shown;
  try {
    const answer = await clients[client][method](...given.map(made));
    results.push(answer);
    shown = { ok: answer };
  } catch (error) {
    results.push(null);
    shown = { name: error.name, message: error.message, status: error.statusCode, body: error.body };
  }
  console.log(JSON.stringify(shown));
}
if (process.env.METHODS) console.log(JSON.stringify(Object.values(clients).map(methods)));
console.log(JSON.stringify(waits));

function made(argument) {
  if (argument === null || typeof argument !== "object") return argument;
  if (argument.path) return argument.path.split(".").reduce((value, name) => value[name], results[argument.from]);
  if (Array.isArray(argument)) return argument.map(made);
  if (argument.new) return new sdk[argument.new](argument.with);
  if (argument.bytes) return { ...argument.more, data: Buffer.from(argument.bytes) };
  return Object.fromEntries(Object.entries(argument).map(([name, value]) => [name, made(value)]));
}

function methods(client) {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(client)).filter((name) => name !== "constructor");
}
