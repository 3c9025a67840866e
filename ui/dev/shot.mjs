// Screenshots of the UI in a browser, over the fake desk:
//   npm run dev &
//   node dev/shot.mjs --screen queue --theme dark --size 1280x800 --out shot.png
//     [--do "click:[data-testid=filter]"] [--axe]
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const args = Object.fromEntries(
  process.argv
    .slice(2)
    .join(" ")
    .split(/(?:^|\s)--/)
    .filter(Boolean)
    .map((one) => {
      const [key, ...rest] = one.split(" ");
      return [key, rest.join(" ")];
    }),
);
const [width, height] = (args.size ?? "1280x800").split("x").map(Number);
const query = args.query ? `&${args.query}` : "";
const url = `http://127.0.0.1:${args.port ?? 5173}/?theme=${args.theme ?? "light"}${query}`;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width, height } });
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type()))
    console.log(`console ${message.type()}: ${message.text()}`);
});
page.on("pageerror", (error) => console.log(`page error: ${error.message}`));
await page.goto(url);
await page.waitForSelector("nav, [data-testid]", { timeout: 20000 });
await page.waitForTimeout(700);
if (args.screen) {
  await page.click(`[data-testid=${args.screen === "queue" ? "queue-all" : `nav-${args.screen}`}]`);
  await page.waitForTimeout(600);
}
for (const step of (args.do ?? "").split(" ; ").filter(Boolean)) {
  const [what, ...rest] = step.split(":");
  const value = rest.join(":");
  if (what === "click") await page.click(value);
  if (what === "key") await page.keyboard.press(value);
  if (what === "type") await page.keyboard.type(value);
  if (what === "wait") await page.waitForTimeout(Number(value));
  if (what === "eval") console.log(await page.evaluate(value));
  await page.waitForTimeout(250);
}
if ("axe" in args) {
  await page.evaluate(readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8"));
  const found = await page.evaluate(async () =>
    (await window.axe.run(document)).violations.map((one) => ({
      id: one.id,
      impact: one.impact,
      help: one.help,
      nodes: one.nodes.slice(0, 4).map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
    })),
  );
  console.log(JSON.stringify(found, null, 1));
}
if (args.out) await page.screenshot({ path: args.out });
await browser.close();
