// The columns of each part of the mapping, with what their cells can be.
import type { Editor } from "./editor.svelte";
import type { Column, PartName, Row } from "./table";

type Sheet = {
  list: string;
  caption: string;
  what: string;
  columns: Column[];
  fresh: () => Row;
  most?: number;
};
type Sheets = Record<Exclude<PartName, "accounts" | "entities" | "rules">, Sheet> & {
  explanation: Sheet;
  not_ours: Sheet;
};

/** Rates are many: the newest are shown. */
const MOST_RATES = 200;

const option = (value: string, label = value): { value: string; label: string } => ({ value, label });

export function columns(editor: Editor): Sheets {
  const entities = editor.table.entity.map((row) => option(row.code));
  const some = [option("", "any"), ...entities];
  const every = [option("*", "every entity"), ...entities];
  const billing = [option("", "any"), ...(editor.edit?.billing ?? []).map((name) => option(name))];
  const ledgers = [option("", "any"), ...(editor.edit?.ledgers ?? []).map((name) => option(name))];
  const text = (key: string, title: string, hint = ""): Column => ({ key, title, kind: "text", hint });
  const list = (key: string, title: string, hint = ""): Column => ({ key, title, kind: "list", hint });
  const choice = (key: string, title: string, options: Column["options"] = []): Column => ({
    key,
    title,
    kind: "choice",
    options,
  });
  const rule = [
    text("name", "Name"),
    choice("connection", "Ledger", ledgers),
    choice("entity", "Entity", some),
    list("kinds", "Kinds", "journal, payment"),
    text("begins_with", "Begins with"),
    list("accounts", "Accounts"),
    list("customers", "Customers"),
  ];
  return {
    revenue: {
      list: "revenue",
      caption: "Revenue accounts by product",
      what: "a product",
      columns: [
        text("product", "Product", "* for every one"),
        choice("entity", "Entity", every),
        text("tax_code", "Tax code", "*"),
        { key: "account", title: "Revenue goes to", kind: "account", width: "30%" },
        choice("recognition", "Earned", [option("at_once", "at once"), option("over_time", "over time")]),
      ],
      fresh: () => ({ product: "", entity: "*", tax_code: "*", account: "", recognition: "at_once" }),
    },
    entity_rule: {
      list: "entity_rule",
      caption: "Rules that give documents to entities; the first that fits counts",
      what: "a rule",
      columns: [
        choice("connection", "Documents of", billing),
        text("country", "From country", "any"),
        text("currency", "In currency", "any"),
        choice("entity", "Are of", [option("", ""), ...entities]),
      ],
      fresh: () => ({ connection: "", country: "", currency: "", entity: entities[0]?.value ?? "" }),
    },
    rate: {
      list: "rate",
      caption: "Exchange rates, each from its day on",
      what: "a rate",
      columns: [
        text("from", "From", "USD"),
        text("to", "To", "GBP"),
        text("date", "From day on", "2026-01-31"),
        text("rate", "Rate"),
        text("source", "Source", "none"),
      ],
      fresh: () => ({ from: "", to: "", date: "", rate: "", source: "" }),
      most: MOST_RATES,
    },
    names: {
      list: "names",
      caption: "How the names of documents in a ledger are read",
      what: "a rule of names",
      columns: [
        choice("connection", "Ledger", ledgers.slice(1)),
        list("strip_prefix", "Takes off before"),
        list("strip_suffix", "Takes off after"),
        text("add_prefix", "Billing has before"),
        choice("leading_zeros", "Zeros in front", [option("counts", "count"), option("ignored", "do not")]),
        choice("case", "Capitals", [option("counts", "count"), option("ignored", "do not")]),
      ],
      fresh: () => ({
        connection: editor.edit?.ledgers[0] ?? "",
        strip_prefix: [],
        strip_suffix: [],
        leading_zeros: "counts",
        case: "counts",
      }),
    },
    alias: {
      list: "alias",
      caption: "What texts of the ledger call customers",
      what: "a customer's other name",
      columns: [
        choice("connection", "Billing", billing.slice(1)),
        text("customer", "Customer", "the vendor's id"),
        text("called", "Is called"),
      ],
      fresh: () => ({ connection: editor.edit?.billing[0] ?? "", customer: "", called: "" }),
    },
    batch: {
      list: "batch",
      caption: "Documents that the ledger books together",
      what: "a batch",
      columns: [
        text("name", "Name"),
        choice("connection", "Documents of", billing.slice(1)),
        list("kinds", "Kinds", "invoice, credit_note"),
        choice("by", "By", [option("day"), option("month")]),
        choice("entity", "Entity", some),
        text("begins_with", "Entries begin with"),
      ],
      fresh: () => ({ name: "", connection: editor.edit?.billing[0] ?? "", kinds: [], by: "day" }),
    },
    explanation: {
      list: "explanation",
      caption: "Rules that explain entries",
      what: "an explanation",
      columns: [rule[0] as Column, text("category", "Category"), ...rule.slice(1)],
      fresh: () => ({ name: "", category: "", kinds: [], accounts: [], customers: [] }),
    },
    not_ours: {
      list: "not_ours",
      caption: "Entries that are none of this billing's business",
      what: "a rule",
      columns: rule,
      fresh: () => ({ name: "", kinds: [], accounts: [], customers: [] }),
    },
  };
}
