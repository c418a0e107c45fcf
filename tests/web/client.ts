// SPDX-License-Identifier: Apache-2.0
// A program of an administrator, written against types that were made from the description. It is compiled, not run: what is right
// must compile, and each line below an expected error must not.
import type { components, operations, paths } from "./interface";

type Answer<Name extends keyof operations, Status extends keyof operations[Name]["responses"]> =
  operations[Name]["responses"][Status] extends { content: { "application/json": infer Body } } ? Body : never;
type Change = NonNullable<operations["putRegistration"]["requestBody"]>["content"]["application/json"];

async function get<Body>(base: string, path: keyof paths, token: string, query: Record<string, string> = {}): Promise<Body> {
  const answer = await fetch(`${base}${path}?${new URLSearchParams(query)}`, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) {
    const problem = (await answer.json()) as components["schemas"]["Problem"];
    throw new Error(`${problem.code}: ${problem.title}`);
  }
  return (await answer.json()) as Body;
}

/** All employees, a page at a time. */
export async function* employees(base: string, token: string): AsyncGenerator<components["schemas"]["Employee"]> {
  let next: string | null = "";
  while (next !== null) {
    const query: Record<string, string> = next === "" ? {} : { after: next };
    const page: Answer<"listEmployees", 200> = await get(base, "/api/v1/employees", token, query);
    yield* page.employees;
    next = page.next;
  }
}

export const excused: Change = { state: "excused" };

export function lateness(list: Answer<"getAttendance", 200>): number {
  return list.people.filter((line) => line.state === "late").reduce((sum, line) => sum + line.late_min, list.counts.late * 0);
}

export function isOpen(entry: components["schemas"]["InboxEntry"]): boolean {
  return entry.settled === null && entry.meaning.zh.length > 0;
}

// @ts-expect-error no such state
export const wrongState: Change = { state: "absent" };
// @ts-expect-error no such field
export const wrongField: Change = { state: "excused", colour: 1 };
// @ts-expect-error no such path
export const wrongPath = get<unknown>("", "/api/v1/people", "");
// @ts-expect-error a room is needed
export const wrongCode: components["schemas"]["EnrolmentCodeRequest"] = { valid_min: 60 };
// @ts-expect-error a kiosk may never have been seen
export const wrongNull = (kiosk: components["schemas"]["Kiosk"]): string => kiosk.last_seen;
