// One client of the official SDK, made as its users make it: key and base URL come from the environment.
import { Resend } from "resend";

export const resend = new Resend();

// Prints what a call came to as one JSON line, and hands on its data.
export function show(name, { data, error }) {
  console.log(JSON.stringify([name, { data, error }]));
  return data;
}
