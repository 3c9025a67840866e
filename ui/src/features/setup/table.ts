// What the mapping's parts are called, and the rows that they begin with.
import type { EntityRow, MappingTable } from "../../bindings/types";

export type PartName =
  "accounts" | "revenue" | "entity_rule" | "rate" | "entities" | "names" | "alias" | "rules" | "batch";

export const PARTS: { name: PartName; title: string }[] = [
  { name: "accounts", title: "Accounts" },
  { name: "revenue", title: "Products" },
  { name: "entity_rule", title: "Documents" },
  { name: "entities", title: "Entities" },
  { name: "rate", title: "Rates" },
  { name: "rules", title: "Explanations" },
  { name: "names", title: "Names" },
  { name: "alias", title: "Customers" },
  { name: "batch", title: "Batches" },
];

/** A cell of a row: how it is shown, where it stands, and what it can be. */
export type Column = {
  key: string;
  title: string;
  kind: "text" | "choice" | "account" | "list";
  options?: { value: string; label: string }[];
  hint?: string;
  width?: string;
};

export type Row = Record<string, unknown>;

/** A row's cell as text: a list with commas, nothing as nothing. */
export function cell(row: Row, key: string): string {
  const value = row[key];
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : "";
}

/** Writes what was typed into a row's cell. */
export function put(row: Row, column: Column, typed: string): void {
  const text = typed.trim();
  // A list is read by the desk, which knows what stands between its words.
  if (column.kind === "list") row[column.key] = text === "" ? [] : [text];
  else row[column.key] = text;
}

/** An entity of which nothing is left out. */
export type WholeEntity = EntityRow & {
  name: string;
  time_zone: string;
  accounts: NonNullable<EntityRow["accounts"]>;
  scopes: NonNullable<EntityRow["scopes"]>;
  segments: NonNullable<EntityRow["segments"]>;
  close: { tolerance: Record<string, string>; clearly_trivial: string };
};

/** A table of which nothing is left out. */
export type WholeTable = { [K in keyof MappingTable]-?: NonNullable<MappingTable[K]> } & {
  entity: WholeEntity[];
};

/** A table of which nothing is left out, so that every part of it can be edited. */
export function whole(table: MappingTable): WholeTable {
  const list = <T>(rows: T[] | undefined): T[] => structuredClone(rows ?? []);
  return {
    ...table,
    reporting_currency: table.reporting_currency ?? "",
    entity: list(table.entity).map(wholeEntity),
    entity_rule: list(table.entity_rule),
    revenue: list(table.revenue).map((row) => ({
      ...row,
      entity: row.entity ?? "*",
      tax_code: row.tax_code ?? "*",
      recognition: row.recognition ?? "at_once",
    })),
    rate: list(table.rate),
    batch: list(table.batch),
    not_ours: list(table.not_ours),
    explanation: list(table.explanation),
    names: list(table.names),
    alias: list(table.alias),
  };
}

function wholeEntity(row: EntityRow): WholeEntity {
  return {
    ...row,
    name: row.name ?? "",
    time_zone: row.time_zone ?? "",
    accounts: row.accounts ?? {},
    scopes: row.scopes ?? {},
    segments: row.segments ?? {},
    close: {
      tolerance: (row.close?.tolerance ?? {}) as Record<string, string>,
      clearly_trivial: row.close?.clearly_trivial ?? "",
    },
  };
}

/** The place of a value in the table, as the proposal's lines name it. */
export const placeOf = (list: string, index: number, key = ""): string =>
  [list, String(index), key].filter((part) => part !== "").join(" ");
