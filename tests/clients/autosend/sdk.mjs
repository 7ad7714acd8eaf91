// Both classes of the official SDK, made as its users make them; the base URL comes from the environment.
import { Autosend } from "autosendjs";
import { Resend } from "autosendjs/resend";

export const key = process.env.AUTOSEND_API_KEY;
export const client = (options, own = key) => new Autosend(own, options);
export const lookalike = (options, own = key) => new Resend(own, options);

// Prints what a call came to as one JSON line, and hands on its data.
export function show(name, result) {
  console.log(JSON.stringify([name, result]));
  return result?.data;
}

// Lets the SDK's waits between attempts pass at once, and tells how long they were meant to be.
export function hurry() {
  const waits = [];
  const setTimeout = globalThis.setTimeout;
  globalThis.setTimeout = (task, delay, ...more) => {
    const isWait = delay === 1000 || delay === 2000;
    if (isWait) waits.push(delay);
    return setTimeout(task, isWait ? 0 : delay, ...more);
  };
  return waits;
}
