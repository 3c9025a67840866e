// What the screen can say before it asks. The core judges each of these again.
import type { PersonView } from "../../bindings/types";

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
