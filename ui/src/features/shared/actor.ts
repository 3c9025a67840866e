// Who did something, in words: the desk says what they are and how they are called.
import type { ActorView } from "../../bindings/types";
import { personName } from "../../lib/names";

const WORDS: Record<ActorView["kind"], (name: string) => string> = {
  person: personName,
  os_account: (name) => `OS account ${name}`,
  desk: () => "Tieout",
  policy: () => "The policy",
  worker: () => "The worker",
  unknown: (name) => name,
};

export const actorName = (actor: ActorView): string => WORDS[actor.kind](actor.name);
