// What the screen can say before it asks. The core judges each of these again.
import type { PersonView } from "../../bindings/types";

export const ROLES = ["analyst", "controller", "administrator", "auditor"] as const;

export function isSelf(person: PersonView, seat: string | null): boolean {
  return person.id === seat;
}

/** What keeps this desk from preparing and approving by two people; null when nothing does. */
export function rolesNeeded(people: PersonView[]): string | null {
  const able = people.filter((one) => one.active);
  if (able.length === 0) return null;
  const prepares = able.filter((one) => one.role !== "auditor");
  const approves = able.filter((one) => one.role === "controller" || one.role === "administrator");
  if (approves.length === 0) return "Nobody here can approve.";
  return prepares.length < 2 ? "Nobody else here can prepare or approve." : null;
}

export function nameFault(name: string, taken: string[]): string | null {
  const given = name.trim();
  if (given === "") return "A name is needed.";
  return taken.some((other) => other.toLowerCase() === given.toLowerCase()) ? "Somebody here has this name." : null;
}
