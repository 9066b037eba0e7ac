// What a page breaks of the rules of its layout, as sentences: called with the least size of text in pixels.
(least) => {
  const said = new Set();
  const article = document.querySelector(".bd-article-container") ?? document.body;
  const wide = window.innerWidth;
  const named = (each) => {
    const name = [...each.classList].map((c) => `.${c}`).join("");
    return `${each.tagName.toLowerCase()}${each.id ? `#${each.id}` : ""}${name}`.slice(0, 80);
  };
  const scrolls = (each) => /auto|scroll|hidden|clip/.test(getComputedStyle(each).overflowX);
  // The part of an element that is seen: cut by every ancestor that scrolls.
  const seen = (rect, element) => {
    let [left, right] = [rect.left, rect.right];
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement)
      if (scrolls(up)) {
        const frame = up.getBoundingClientRect();
        left = Math.max(left, frame.left);
        right = Math.min(right, frame.right);
      }
    return { left, right, width: right - left };
  };
  const hidden = (each) => !each.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const spoken = (each) => each.closest(".visually-hidden, .sr-only, mjx-assistive-mml");

  // 1. Nothing is wider than its page.
  for (const each of article.querySelectorAll("*")) {
    if (hidden(each) || spoken(each) || (each.ownerSVGElement && each.tagName !== "svg")) continue;
    const rect = seen(each.getBoundingClientRect(), each);
    if (rect.width > 1 && (rect.right > wide + 1 || rect.left < -1))
      said.add(`${named(each)} reaches from ${Math.round(rect.left)} to ${Math.round(rect.right)} of ${wide}`);
  }

  // 2. No text is too small to be read.
  const spans = [];
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || hidden(parent) || spoken(parent) || /^(script|style|noscript|title|desc)$/i.test(parent.tagName)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rect = range.getBoundingClientRect();
    if (rect.width < 1 || rect.height < 1) continue;
    spans.push([rect.top, rect.bottom]);
    if (parent.closest("mjx-container, sup, sub")) continue;
    const scale = parent.ownerSVGElement ? Math.abs(parent.getScreenCTM().a) : 1;
    const size = parseFloat(getComputedStyle(parent).fontSize) * scale;
    if (size < least - 0.05) said.add(`${named(parent)}: “${node.data.trim().slice(0, 30)}” is ${size.toFixed(1)} px high`);
  }
  for (const svg of article.querySelectorAll("svg[data-type]")) {
    const natural = (svg.viewBox.baseVal.width * 96) / 72; // a figure's own size is in points
    const size = (Number(svg.dataset.type) * svg.getBoundingClientRect().width) / natural;
    if (!hidden(svg) && size < least - 0.05) said.add(`${svg.closest("figure")?.id || named(svg)}: lettering of ${size.toFixed(1)} px`);
  }

  // 3. No interval breaks inside.
  for (const each of article.querySelectorAll(".camgan-interval"))
    if (!hidden(each) && each.getClientRects().length > 1) said.add(`“${each.textContent}” breaks over lines`);

  // 4. No third of a window is blank.
  for (const each of article.querySelectorAll("img, svg, canvas, hr, input, pre, iframe")) {
    const rect = each.getBoundingClientRect();
    if (!hidden(each) && rect.height > 1) spans.push([rect.top, rect.bottom]);
  }
  spans.sort((a, b) => a[0] - b[0]);
  let reached = spans.length ? spans[0][1] : 0;
  for (const [top, bottom] of spans) {
    if (top - reached > window.innerHeight / 3)
      said.add(`nothing stands between ${Math.round(reached + scrollY)} and ${Math.round(top + scrollY)} px from the top`);
    reached = Math.max(reached, bottom);
  }

  // 5. No equation is cut where there is room for two lines of it.
  for (const each of article.querySelectorAll("mjx-container[display='true']"))
    if (wide >= 768 && each.scrollWidth > each.clientWidth + 1)
      said.add(`an equation of ${each.scrollWidth} px has ${each.clientWidth}: ${each.textContent.slice(0, 40)}`);
  return [...said];
}
