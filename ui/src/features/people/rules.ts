// What the screen can say before it asks. The core judges each of these again.
import type { AccessReview, AccessRow, ConflictRow, PersonView } from "../../bindings/types";
import { count, instant, type Look } from "../../lib/format";
import { personName, plural } from "../../lib/names";

export const ROLES: PersonView["role"][] = ["analyst", "controller", "administrator", "auditor"];

export function isSelf(person: PersonView, seat: string | null): boolean {
  return person.id === seat;
}

export function nameFault(name: string, taken: string[]): string | null {
  const given = name.trim();
  if (given === "") return "A name is needed.";
  return taken.some((other) => other.toLowerCase() === given.toLowerCase())
    ? "Somebody here has this name."
    : null;
}

/** Why duties conflict, in a few words. */
export const CONFLICTS: Record<ConflictRow["conflict"], string> = {
  shared_account: "One OS account",
  approver_issued_the_code: "Approver gave out the code",
  preparer_issued_the_code: "Preparer gave out the code",
  administrator_approves: "Administrator approves",
  limit_lifted: "Limit lifted",
};

/** Who gave somebody their role; who made the workspace has it from nobody. */
export const givenBy = (row: Pick<AccessRow, "person" | "given_by" | "os_account">): string =>
  row.given_by === row.person || row.given_by === `os:${row.os_account}`
    ? "made the workspace"
    : personName(row.given_by);

/** Where the access review stands, in one sentence. */
export function reviewLead(review: AccessReview, look: Look): string {
  const here = review.people.filter((one) => one.active).length;
  const found = review.conflicts.length;
  const people = `${count(here, look)} ${plural(here, "person", "people")} may act here`;
  const conflicts = found === 0 ? "no conflicts" : `${count(found, look)} ${plural(found, "conflict")}`;
  if (review.signed === null) return `${people}, ${conflicts}: not signed yet`;
  const signed = `signed by ${personName(review.signed.by)}, ${instant(review.signed.at, look)}`;
  return review.signed.holds
    ? `${people}, ${conflicts}: ${signed}`
    : `${people}, ${conflicts}: changed since it was ${signed}`;
}
