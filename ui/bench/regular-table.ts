// regular-table as its README has it: an asynchronous data model, and a style listener for what is coloured.
import "regular-table";
import "regular-table/dist/css/sub-cell-scrolling.css";
import { cells, COLUMNS, ROW_HEIGHT, ROWS, WIDTHS } from "./data";
import { rowOnBar, type Stage } from "./fling";

export async function show(stage: HTMLElement): Promise<Stage> {
  const table = document.createElement("regular-table");
  stage.append(table);
  table.setDataListener(
    async (x0, y0, x1, y1) => {
      const columns = COLUMNS.slice(x0, x1);
      const rows = Array.from({ length: Math.max(0, Math.min(y1, ROWS) - y0) }, (_one, index) =>
        cells(y0 + index),
      );
      return {
        num_rows: ROWS,
        num_columns: COLUMNS.length,
        num_column_headers: 1,
        row_height: ROW_HEIGHT,
        column_headers: columns.map((column) => [column.title]),
        data: columns.map((_column, at) => rows.map((row) => row[x0 + at]?.text ?? "")),
        metadata: columns.map((_column, at) => rows.map((row) => row[x0 + at])),
      };
    },
    { column_classes: true },
  );
  table.restoreColumnSizes(
    Object.fromEntries(COLUMNS.map((column, at) => [at, WIDTHS[column.id] ?? column.width])),
  );
  const coloured = COLUMNS.flatMap((column, at) =>
    column.look === "tag" || column.id === "due" ? [`td.rt-col-${at}`] : [],
  ).join();
  table.addStyleListener(() => {
    for (const td of table.querySelectorAll<HTMLElement>(coloured)) {
      const { tone, late } = (table.getMeta(td)?.user ?? {}) as { tone?: string; late?: boolean };
      const wanted = tone ?? (late ? "bad" : "");
      if ((td.dataset["tone"] ?? "") !== wanted) td.dataset["tone"] = wanted;
    }
  });
  await table.draw();
  const visible = table.clientHeight / ROW_HEIGHT - 1;
  let first = 0;
  const jump = (to: number): void => {
    first = to;
    table.scrollTop = Math.round(first * rowOnBar(table, visible));
  };
  return { visible, jump, move: (rows) => jump(first + rows) };
}
