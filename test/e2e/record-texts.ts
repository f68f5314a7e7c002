import type { Page } from 'playwright-core';

export interface SeenText {
  readonly text: string;
  /** The page's clock, in milliseconds. */
  readonly at: number;
}

/** Collects, in the page, every text that an element takes on from now on; none is missed. */
export async function recordTexts(
  page: Page,
  selector: string,
): Promise<() => Promise<SeenText[]>> {
  const seen = await page.locator(selector).evaluateHandle((element) => {
    const texts: SeenText[] = [];
    let last = element.textContent;
    new MutationObserver(() => {
      const text = element.textContent;
      if (text === last) return;
      last = text;
      texts.push({ text, at: performance.now() });
    }).observe(element, { childList: true, characterData: true, subtree: true });
    return texts;
  });
  return () => seen.jsonValue();
}
