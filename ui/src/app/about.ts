// What each screen is for and how one begins there: the help says it.
import type { Screen } from "./screens";

export type About = { is: string; begin: string };

export const ABOUT: Record<Screen, About> = {
  home: {
    is: "Says whether the period being closed will close, what to do first, and what waits for you.",
    begin: "Begin with the first thing to do: Enter opens it, 1 to 5 open the others.",
  },
  queue: {
    is:
      "Lists the exceptions of one queue: what differs between billing and the ledger, and what is " +
      "in the way.",
    begin:
      "Choose a row with the arrows; the panel says what happened and what would be posted. " +
      "Space marks rows for a decision on many at once.",
  },
  overview: {
    is:
      "Shows how far each flow and each closing stands: what is late, how old it is, how long " +
      "postings take.",
    begin: "Every figure opens the items behind it.",
  },
  close: {
    is: "Answers whether an account can be signed for a period, on what figures, and when it is ready.",
    begin:
      "Open a figure to see its items. Explain what differs, prepare the account, and let another " +
      "person review it.",
  },
  tieout: {
    is: "Holds billing against the ledger, by entity, period and account, to the minor unit.",
    begin: "Open a row to see the documents and entries that make up its difference.",
  },
  pilot: {
    is:
      "Ties out one period reference by reference before anything is posted: what agrees, and of " +
      "the rest why.",
    begin: "Choose a period that is complete in both systems, and read the reasons from the largest down.",
  },
  matching: {
    is: "Lists entries and documents that nothing ties to each other, and suggests what belongs together.",
    begin: "Confirm a suggestion, or mark entries and documents by hand and say why they belong together.",
  },
  postings: {
    is: "Follows every posting from its proposal until the ledger's own sync shows it.",
    begin:
      "Open a posting to see each attempt and the ERP's answer. Postings in doubt want a person " + "first.",
  },
  reviews: {
    is: "Sends items to somebody who decides them at another desk, and takes their signed answer in.",
    begin: "Write a packet of what waits for them, or read in the one that came back.",
  },
  import: {
    is: "Reads a file of documents or of a ledger: what it says, how it is read, and what it would change.",
    begin: "Drop a file on the window, or choose one. Nothing is written before you import.",
  },
  connections: {
    is:
      "Lists the billing systems and ledgers that are read, how fresh each is, and whether it may " +
      "be posted to.",
    begin: "Add a connection: it is tried before it is kept. Or import files instead.",
  },
  setup: {
    is: "Holds the account mapping: which account each product, tax and payment goes to, by entity.",
    begin:
      "Propose it from what was read, look at what is unsure, and submit it for another person's approval.",
  },
  governance: {
    is:
      "Lists mappings, policies and other changes that two people answer for: what waits, and what " +
      "is in force.",
    begin: "Read what waits and decide it; mark several to decide them with one reason.",
  },
  audit: {
    is: "Shows the log: who did what, when, signed and chained. It can be verified by anybody.",
    begin: "Verify the log, or filter it by person, action or item.",
  },
  people: {
    is: "Lists who works here, in which role, and whose key counts.",
    begin: "Add a second person: nobody approves their own work, so one alone cannot post.",
  },
  settings: {
    is: "How the desk looks, which keys act, when it locks, and where its backup is written.",
    begin: "Formats hold for every amount and date of the window; files keep the plain form.",
  },
};
