// run.mjs FOLDER... — every HTML page below the folders, wide and narrow, light, dark and printed.
// A view fails on: an axe violation, a message of level error, a request that leaves the folder, a
// page wider than the screen, and a table or figure that names Kosovo without its asterisk or
// without the footnote in the same figure. Prints what is wrong, then "N passed, M failed, K skipped".
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const views = [
  { name: "1440 light", width: 1440, height: 900, scheme: "light", media: "screen" },
  { name: "1440 dark", width: 1440, height: 900, scheme: "dark", media: "screen" },
  { name: "390 light", width: 390, height: 844, scheme: "light", media: "screen" },
  { name: "390 dark", width: 390, height: 844, scheme: "dark", media: "screen" },
  { name: "print", width: 794, height: 1123, scheme: "light", media: "print" },
];

function pagesBelow(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) return pagesBelow(full);
      return entry.name.endsWith(".html") ? [full] : [];
    })
    .sort();
}

// Runs in the page.
function lookForKosovo() {
  const faults = [];
  const names = /(Kosovo|Kosova|Kosovë|Косово)/;
  const bare = /(Kosovo|Kosova|Kosovë|Косово)(?![*\p{L}])/u;
  for (const part of document.querySelectorAll("table, figure")) {
    const box = part.closest("figure") ?? part.parentElement;
    const footnotes = [...box.querySelectorAll("*")].filter(
      (e) => !e.children.length && /1244/.test(e.textContent),
    );
    let text = part.textContent;
    if (!names.test(text)) continue;
    for (const note of footnotes) text = text.replaceAll(note.textContent, " ");
    const where = part.id || part.querySelector("caption, figcaption")?.textContent.trim().slice(0, 60) || part.tagName;
    const hit = text.match(bare);
    if (hit) {
      const i = hit.index ?? 0;
      faults.push(`Kosovo without * in "${where}": …${text.slice(Math.max(0, i - 30), i + 30).replace(/\s+/g, " ")}…`);
    }
    if (!/1244/.test(box.textContent)) faults.push(`Kosovo without its footnote in "${where}"`);
  }
  return faults;
}

// Runs in the page: what sticks out to the right, the innermost first.
function widest() {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return null;
  const out = [...document.querySelectorAll("body *")].filter((e) => {
    if (e.getBoundingClientRect().right <= wide + 1) return false;
    for (let p = e.parentElement; p; p = p.parentElement)
      if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(p).overflowX)) return false;
    return true;
  });
  const names = out.slice(-3).map((e) => `${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}${e.className && e.className.baseVal === undefined ? "." + e.className : ""}`);
  return `the page is ${document.documentElement.scrollWidth} wide on ${wide}: ${names.join(", ")}`;
}

async function look(browser, file, view, root) {
  const faults = [];
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.scheme,
    bypassCSP: true,
  });
  const page = await context.newPage();
  await page.emulateMedia({ media: view.media, colorScheme: view.scheme });
  const inside = pathToFileURL(root + path.sep).href;
  page.on("request", (r) => {
    const url = r.url();
    if (!url.startsWith(inside) && !/^(data|about|blob):/.test(url)) faults.push(`asks for ${url}`);
  });
  page.on("console", (m) => m.type() === "error" && faults.push(`console: ${m.text()}`));
  page.on("pageerror", (e) => faults.push(`script: ${e.message}`));
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const v of found.violations)
    faults.push(`axe ${v.id} (${v.impact}), ${v.nodes.length} times: ${v.help}; ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")}`);
  if (view.media === "screen") {
    const overflow = await page.evaluate(widest);
    if (overflow) faults.push(overflow);
  }
  faults.push(...(await page.evaluate(lookForKosovo)));
  if (process.env.SHOTS) {
    fs.mkdirSync(process.env.SHOTS, { recursive: true });
    const name = `${path.relative(root, file)} ${view.name}.png`.replace(/[\/ ]/g, "-");
    await page.screenshot({ path: path.join(process.env.SHOTS, name), fullPage: true });
  }
  await context.close();
  return faults;
}

const folders = process.argv.slice(2).map((f) => path.resolve(f));
const jobs = folders.flatMap((root) => pagesBelow(root).flatMap((file) => views.map((view) => ({ root, file, view }))));
if (!jobs.length) {
  console.log(`no page below ${folders.join(", ")}`);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exit(1);
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let passed = 0;
let failed = 0;
async function work() {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    let faults;
    try {
      faults = await look(browser, job.file, job.view, job.root);
    } catch (e) {
      faults = [`could not look: ${e.message.split("\n")[0]}`];
    }
    if (faults.length) {
      failed++;
      console.log(`---- ${path.relative(job.root, job.file)} (${job.view.name})\n${faults.map((f) => "  " + f).join("\n")}`);
    } else passed++;
  }
}
await Promise.all([work(), work()]);
await browser.close();
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed ? 1 : 0);
