// check.mjs FOLDER — open every HTML page below FOLDER in Chromium as its readers would (desktop and
// phone, light and dark, print) and look for what must never be: accessibility violations, requests
// that leave the page's own folder, console errors, sideways scrolling on a phone, dead links within
// the page, a Kosovo* without its mark or its note. Ends with "N passed, M failed".
// Environment: CHROMIUM (default /usr/bin/chromium), SHOTS (a folder for screenshots, optional).
import { chromium } from 'playwright-core';
import { readFileSync, readdirSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(process.argv[2] ?? '.');
const shots = process.env.SHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const footnote = /UNSCR 1244/;
const views = [
  { name: 'desktop', width: 1440, height: 900 },
  { name: 'phone', width: 390, height: 844 },
];
const schemes = ['light', 'dark'];
let passed = 0;
let failed = 0;

function result(ok, page, what, detail = '') {
  if (ok) {
    passed++;
    return;
  }
  failed++;
  console.log(`FAIL ${page}: ${what}${detail ? `\n     ${detail}` : ''}`);
}

function pages(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((f) => {
      const path = join(folder, f.name);
      if (f.isDirectory()) return pages(path);
      return f.name.endsWith('.html') ? [path] : [];
    });
}

async function accessible(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const v of violations)
    result(false, name, `axe ${v.id} (${v.impact}): ${v.help}`, v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | '));
  result(violations.length === 0, name, 'accessibility');
}

// Facts that do not depend on the size of the window.
async function facts(page, name) {
  const found = await page.evaluate((source) => {
    const note = new RegExp(source);
    const bare = /Kosovo(?!\s?\*)/;
    const text = (n) => n.textContent.replace(/Opinion on the Kosovo [Dd]eclaration|[Rr]eference to Kosovo,|status of Kosovo/g, '');
    const boxes = [...document.querySelectorAll('figure, table:not(figure table)')];
    const ids = new Set([...document.querySelectorAll('[id]')].map((n) => n.id));
    return {
      boxes: boxes.length,
      unmarked: boxes.filter((b) => bare.test(text(b))).map((b) => b.id || b.tagName),
      unnoted: boxes.filter((b) => /Kosovo/.test(b.textContent) && !note.test(b.textContent)).map((b) => b.id || b.tagName),
      bodyUnmarked: bare.test(text(document.body)),
      deadLinks: [...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute('href').slice(1)).filter((h) => h && !ids.has(decodeURIComponent(h))),
      nameless: [...document.querySelectorAll('svg')].filter((s) => s.getAttribute('aria-hidden') !== 'true' && !s.querySelector('title')).length,
      lang: document.documentElement.lang,
      title: document.title,
    };
  }, footnote.source);
  result(found.boxes > 0, name, 'has tables or figures');
  result(found.unmarked.length === 0, name, 'Kosovo without its asterisk', found.unmarked.join(' '));
  result(found.unnoted.length === 0, name, 'Kosovo* without the note in the same table or figure', found.unnoted.join(' '));
  result(!found.bodyUnmarked, name, 'Kosovo without its asterisk somewhere in the text');
  result(found.deadLinks.length === 0, name, 'links that lead nowhere', found.deadLinks.slice(0, 5).join(' '));
  result(found.nameless === 0, name, 'charts without a title');
  result(found.lang !== '' && found.title !== '', name, 'language and title');
}

async function look(browser, file, view, scheme) {
  const name = `${relative(root, file)} [${view.name}, ${scheme}]`;
  const folder = pathToFileURL(dirname(file)).href;
  const outside = [];
  const errors = [];
  const context = await browser.newContext({ viewport: view, colorScheme: scheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('request', (r) => {
    if (!r.url().startsWith(folder) && !r.url().startsWith('data:')) outside.push(r.url());
  });
  page.on('console', (m) => m.type() === 'error' && errors.push(m.text()));
  page.on('pageerror', (e) => errors.push(String(e)));
  await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
  result(outside.length === 0, name, 'requests that leave the folder', outside.slice(0, 3).join(' '));
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  result(over <= 0, name, `the page scrolls sideways by ${over} px`);
  if (shots) {
    mkdirSync(shots, { recursive: true });
    const stem = relative(root, file).replaceAll('/', '_').replace(/\.html$/, '');
    await page.screenshot({ path: join(shots, `${stem}-${view.name}-${scheme}.png`), fullPage: true });
  }
  await accessible(page, name);
  if (view.name === 'desktop' && scheme === 'light') {
    await facts(page, name);
    await print(page, file, name);
  }
  result(errors.length === 0, name, 'console errors', errors.slice(0, 3).join(' | '));
  await context.close();
}

async function print(page, file, name) {
  await page.emulateMedia({ media: 'print' });
  const options = { format: 'A4', preferCSSPageSize: true, printBackground: true };
  if (shots) options.path = join(shots, `${relative(root, file).replaceAll('/', '_').replace(/\.html$/, '')}.pdf`);
  const pdf = await page.pdf(options);
  result(pdf.length > 1000 && pdf.subarray(0, 5).toString() === '%PDF-', name, 'prints');
  await page.emulateMedia({ media: 'screen' });
}

const files = pages(root);
if (files.length === 0) {
  console.log(`FAIL ${root}: no page to look at`);
  process.exit(1);
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
for (const file of files)
  for (const view of views) for (const scheme of schemes) await look(browser, file, view, scheme);
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
