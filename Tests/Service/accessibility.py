"""What a script can tell of a page's accessibility: https://www.w3.org/TR/WCAG22.

Each function takes a browser's page and returns what is wrong, or what it met."""

NAMED = {"button", "link", "textbox", "searchbox", "spinbutton", "image", "progressbar", "table", "heading", "dialog", "region",
         "img", "group"}

CONTRAST = """(() => {
  const channels = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((value, i) => a * value + (1 - a) * under[i]).concat(1);
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // The colour behind an element, and how much of the element itself is seen.
  const behind = (node) => {
    const layers = [];
    let opacity = 1;
    for (let place = node; place; place = place.parentElement) {
      const style = getComputedStyle(place);
      layers.push(channels(style.backgroundColor));
      opacity *= Number(style.opacity);
      if (place.tagName === "DIALOG") break;
    }
    return [layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]), opacity];
  };
  const dialog = document.querySelector("dialog[open]");
  const wrong = [];
  for (const node of (dialog ?? document.body).querySelectorAll("*")) {
    const text = [...node.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE).map((child) => child.data).join("").trim();
    const isField = node.matches("input, textarea");
    if ((!text && !isField) || !node.checkVisibility({ visibilityProperty: true }) || node.closest(".hidden, :disabled")) continue;
    const style = getComputedStyle(node);
    const [ground, opacity] = behind(node);
    const ink = channels(node instanceof SVGElement ? style.fill : style.color);
    const [light, dark] = [luminance(over([...ink.slice(0, 3), ink[3] * opacity], ground)), luminance(ground)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) wrong.push(`${text || node.id}: ${ratio.toFixed(2)}`);
  }
  return wrong;
})()"""

HEADINGS = """(() => {
  const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((node) => node.checkVisibility() && !node.closest("dialog"))
    .map((node) => [Number(node.tagName[1]), node.textContent]);
  return levels.filter(([level], i) => level > (i ? levels[i - 1][0] : 0) + 1).map(([level, text]) => `h${level} ${text}`);
})()"""

# Every element gets a number, by which it is known again.
FOCUSABLE = """(() => {
  window.numbers = new Map();
  return [...document.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")]
    .filter((node) => node.checkVisibility() && !node.disabled && !node.closest("dialog"))
    .map((node, i) => (window.numbers.set(node, i), i));
})()"""


def nameless(page):
    """What a screen reader would have no words for."""
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    assert nodes, "there is a tree"
    roles = [(node["role"]["value"], node.get("name", {}).get("value", "").strip(), node.get("backendDOMNodeId"))
             for node in nodes if not node["ignored"]]
    return [role for role in roles if role[0] in NAMED and not role[1]]


def headings(page):
    """Headings more than a level below the one before."""
    return page.evaluate(HEADINGS)


def contrast(page):
    """Text of less contrast than 4.5, or than 3 where it is large (1.4.3)."""
    return page.evaluate(CONTRAST)


def tab_order(page):
    """What the Tab key meets from the top on, and what it should: elements by their places in the page."""
    wanted = page.evaluate(FOCUSABLE)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0); getSelection().collapse(document.body, 0)")
    seen = []
    for _ in wanted:
        page.press("Tab")
        seen.append(page.evaluate("window.numbers.get(document.activeElement) ?? document.activeElement.outerHTML.slice(0, 200)"))
    return seen, wanted
