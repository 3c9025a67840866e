// What a form may say of a passphrase before it is sent. The core judges it; this only spares a round trip.

const SHORTEST = 8;
const DISTINCT = 4;

export type Twice = { first: string; again: string };

/** What stands in the way, or null. */
export function passphraseFault(twice: Twice): string | null {
  if (twice.first === "") return "A passphrase is needed.";
  if ([...twice.first].length < SHORTEST)
    return `At least ${SHORTEST} characters; a few unrelated words are good.`;
  if (new Set(twice.first).size < DISTINCT) return `At least ${DISTINCT} different characters.`;
  if (twice.again === "") return "Write it a second time.";
  if (twice.first !== twice.again) return "The two are not the same.";
  return null;
}

/** What is shown while typing: nothing before there is something to say. */
export function passphraseHint(twice: Twice): string | null {
  if (twice.first === "" && twice.again === "") return null;
  if (twice.again === "" && [...twice.first].length >= SHORTEST) return null;
  return passphraseFault(twice);
}
