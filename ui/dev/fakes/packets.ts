// Packets that travel.
import type * as t from "../../src/bindings/types";
import { type Handlers } from "../fake-desk";
import { EMPTY, HOUR, iso } from "../seed";

const item = (n: number): t.PacketItemView => ({
  posting: `pst_${n}`,
  reference: `GB01-2026-00${n}`,
  kind: "Not posted",
  why: `Invoice GB01-2026-00${n} of 120.00 GBP is not booked in GB01.`,
  amount: "120.00",
  currency: "GBP",
  preparer: "ana",
  content_hash: "5e884898da28047151d0e56f8dc62927",
  facts: { "the posting": "waiting for approval", "period 2026-10 of GB01": "open" },
  lines: [
    {
      entity: "GB01",
      period: "2026-10",
      posting_date: "2026-10-14",
      account: "1100",
      debit: "120.00",
      credit: "",
      currency: "GBP",
    },
    {
      entity: "GB01",
      period: "2026-10",
      posting_date: "2026-10-14",
      account: "4000",
      debit: "",
      credit: "120.00",
      currency: "GBP",
    },
  ],
  decision: null,
  reason: null,
});
const items = [item(1), item(2), item(3)];

export const handlers: Handlers = {
  packets: () =>
    EMPTY
      ? []
      : [
          {
            packet: "pkt_1",
            side: "sent",
            workspace: "Books",
            made_by: "ana",
            reviewer: "carl",
            made_at: iso(5 * HOUR),
            valid_until: iso(-300 * HOUR),
            items: 3,
            decided: 1,
          },
        ],
  packet_show: () => ({
    packet: "pkt_1",
    hash: "9c22ff5f21f0b81b113e63f7db6da94f",
    workspace: "Books",
    made_by: "ana",
    reviewer: "carl",
    made_at: iso(5 * HOUR),
    valid_until: iso(-300 * HOUR),
    note: "October, before Friday please",
    items,
  }),
  packet_decide: ({ ids, approve, reason }) => {
    for (const one of items.filter((one) => ids.includes(one.posting)))
      Object.assign(one, { decision: approve ? "approve" : "reject", reason });
    return items.map((one) => ({ ...one }));
  },
  packet_decisions: ({ path }) => ({ path, rows: items.filter((one) => one.decision !== null).length }),
  packet_export: ({ path, ids }) => ({
    packet: "pkt_2",
    path,
    items: ids.length,
    valid_until: iso(-336 * HOUR),
    encrypted: true,
  }),
  packet_import: () => ({ packet: "pkt_1", reviewer: "carl", outcomes: [] }),
};
