// SlickGrid as its guide has it for large data: a provider of rows, plain formatters, its own buffers and
// throttle.
import "slickgrid/dist/styles/css/slick.grid.css";
import { type Column, SlickGrid } from "slickgrid";
import type { Shown } from "../src/grid/columns";
import { cells, COLUMNS, ROW_HEIGHT, ROWS, WIDTHS } from "./data";
import type { Stage } from "./fling";

export async function show(stage: HTMLElement): Promise<Stage> {
  const columns = COLUMNS.map((column, at): Column => ({
    id: column.id,
    name: column.title,
    field: column.id,
    width: WIDTHS[column.id],
    cssClass: column.num ? "num" : column.look === "ref" ? "strong" : column.look === "dim" ? "dim" : "",
    headerCssClass: column.num ? "num" : "",
    formatter: (_row, _cell, _value, _column, row: Shown[]) => {
      const { text = "", tone, late } = row[at] ?? {};
      const colour = tone ?? (late ? "bad" : "");
      return colour ? { text, addClasses: colour } : text;
    },
  }));
  const provider = { getLength: () => ROWS, getItem: cells, getItemMetadata: () => null };
  const grid = new SlickGrid(stage, provider, columns, {
    rowHeight: ROW_HEIGHT,
    enableColumnReorder: false,
    enableHtmlRendering: false,
  });
  const scroller = stage.querySelector<HTMLElement>(".slick-viewport-top.slick-viewport-left");
  if (!scroller) throw new Error("The grid is not there.");
  const jump = (to: number): void => grid.scrollRowToTop(to);
  return {
    visible: scroller.clientHeight / ROW_HEIGHT,
    jump,
    move: (rows) => {
      if (rows * ROW_HEIGHT < scroller.clientHeight) scroller.scrollTop += rows * ROW_HEIGHT;
      // So far in one frame it takes for a drag of the bar's handle, whose virtual pages leave thousands of
      // rows out.
      else jump(grid.getViewport().top + rows);
    },
  };
}
