// Verifies webhooks as the official SDK does; each of RECEIVED is {timestamp, signature, body}.
import sdk from "customerio-node";

for (const { timestamp, signature, body } of JSON.parse(process.env.RECEIVED)) {
  console.log(
    JSON.stringify(sdk.verifyRequestSignature({ signingSecret: process.env.SECRET, timestamp, signature, body })),
  );
}
