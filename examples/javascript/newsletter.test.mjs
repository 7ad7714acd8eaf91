// For Vitest; Jest has test, expect and the rest without an import.
import { afterEach, beforeEach, expect, test } from "vitest";
import { workspace } from "./lookalike.mjs";
import { Newsletter } from "./newsletter.mjs";

let lookalike, newsletter;

beforeEach(async () => {
  lookalike = await workspace({ fixture: "none" });
  newsletter = new Newsletter(lookalike.opensend.key, lookalike.opensend.url);
});

afterEach(() => lookalike.drop());

test("a reader is welcomed", async () => {
  await newsletter.welcome("ann@example.com");
  const [message] = await lookalike.messages();
  expect(message.to).toEqual(["ann@example.com"]);
});

test("an outage of a moment goes unnoticed", async () => {
  await lookalike.fault({ script: "503x2, ok" });
  await newsletter.welcome("ann@example.com");
  expect(await lookalike.messages()).toHaveLength(1);
});

test("an outage is told", async () => {
  await lookalike.fault({ fault: "unavailable" });
  await expect(newsletter.welcome("ann@example.com")).rejects.toThrow("OpenSend is not available");
  expect(await lookalike.requests()).toHaveLength(3);
});
