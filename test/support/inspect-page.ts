// What a machine can see of a page's accessibility (WCAG 2.2 A and AA, and good practice), as wide as a desk and as narrow
// as a telephone, light and dark. Labels that make sense, reading order and real screen readers are for people to judge.
import { createRequire } from 'node:module';
import type AxeCore from 'axe-core';
import type { Page } from 'playwright-core';
import { readFileSync } from 'node:fs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Off unless asked for: the one rule of WCAG 2.2, and the experimental ones. */
const BESIDES = [
  'target-size',
  'label-content-name-mismatch',
  'css-orientation-lock',
  'p-as-heading',
  'td-has-header',
  'table-fake-caption',
  'focus-order-semantics',
];
const OPTIONS: AxeCore.RunOptions = {
  runOnly: { type: 'tag', values: TAGS },
  rules: Object.fromEntries(BESIDES.map((rule) => [rule, { enabled: true }])),
  resultTypes: ['violations'],
};

/** What colors alone can break. The rest does not depend on the theme. */
const COLORS: AxeCore.RunOptions = {
  runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
  resultTypes: ['violations'],
};

const DESK = { width: 1280, height: 800 };
const TELEPHONE = { width: 360, height: 740 };
const THEMES = ['light', 'dark'] as const;
/** Content must reflow at this width (WCAG 1.4.10). */
const NARROWEST = { width: 320, height: 640 };

/** By how many pixels the page is wider than its window. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** As wide as a screen and as high as the page: what a bar hides that stays in view is seen by scrolling. */
async function unroll(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ ...size, height: Math.max(size.height, height) });
}

async function violations(page: Page, options: AxeCore.RunOptions): Promise<string[]> {
  // Not by a script element, which the content security policy would refuse.
  await page.evaluate(`if (!window.axe) { ${axeSource} }`);
  const found = await page.evaluate(async (chosen) => {
    const { axe } = window as unknown as { axe: typeof AxeCore };
    return (await axe.run(document, chosen)).violations;
  }, options);
  return found.flatMap(({ id, nodes }) =>
    nodes.map(
      (node) => `${id}: ${node.html.slice(0, 200)} ${(node.failureSummary ?? '').replace(/\s+/g, ' ').slice(0, 300)}`,
    ),
  );
}

/** What is wrong with the page that is open, one line each; nothing where all is well. */
export async function inspect(page: Page): Promise<string[]> {
  const wrong: string[] = [];
  for (const size of [DESK, TELEPHONE]) {
    await unroll(page, size);
    // Colors do not depend on the width, so one of the two is looked at in the dark.
    for (const colorScheme of size === TELEPHONE ? THEMES : (['light'] as const)) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const seen = `${page.url()} at ${size.width}, ${colorScheme}`;
      wrong.push(
        ...(await violations(page, colorScheme === 'light' ? OPTIONS : COLORS)).map(
          (violation) => `${seen}: ${violation}`,
        ),
      );
      const wider = await overflow(page);
      if (wider > 0) wrong.push(`${seen}: scrolls sideways by ${wider}`);
    }
  }
  await page.setViewportSize(NARROWEST);
  const wider = await overflow(page);
  if (wider > 0) wrong.push(`${page.url()} at ${NARROWEST.width}: scrolls sideways by ${wider}`);
  await page.setViewportSize(DESK);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  return wrong;
}
