// Who did something: a person by name, or an account of the computer, which is shown as it is written.
import { personName } from "../../lib/names";

export function actorName(who: string): string {
  const account = /^os:(.+)$/.exec(who);
  return account?.[1] === undefined ? personName(who) : `OS account ${account[1]}`;
}
