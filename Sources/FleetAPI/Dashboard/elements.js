// Building and changing the page. Whatever comes from the fleet goes in as text, never as markup.

const svgNamespace = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element. A property that is a function listens to the event of that name; `text` is its text, the rest attributes. */
export function element(tag, properties = {}, ...children) {
  return furnish(document.createElement(tag), properties, children);
}

export function svg(tag, properties = {}, ...children) {
  return furnish(document.createElementNS(svgNamespace, tag), properties, children);
}

function furnish(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (name === "text") node.textContent = value;
    else setAttribute(node, name, value);
  }
  node.append(...children);
  return node;
}

/** Nothing is touched where nothing changed, so that selections stay and the page is not laid out again. */
export function setText(node, text) {
  text = String(text);
  if (node.textContent !== text) node.textContent = text;
}

/** Without the attribute where the value is null or false. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : value);
}

/** The children of an element, one for each item, made once and then changed in place. */
export class KeyedList {
  #nodes = new Map();

  /** `make(item)` gives an element, `update(element, item)` brings it up to date. */
  constructor(parent, make, update) {
    Object.assign(this, { parent, make, update });
  }

  show(items, keyOf) {
    const focused = document.activeElement;
    const wanted = new Map(items.map((item) => [keyOf(item), item]));
    for (const [key, node] of this.#nodes) {
      if (wanted.has(key)) continue;
      node.remove();
      this.#nodes.delete(key);
    }
    let place = this.parent.firstElementChild;
    for (const [key, item] of wanted) {
      if (!this.#nodes.has(key)) this.#nodes.set(key, this.make(item));
      const node = this.#nodes.get(key);
      this.update(node, item);
      if (node === place) place = place.nextElementSibling;
      else this.parent.insertBefore(node, place);
    }
    // A node that moves loses the focus.
    if (focused !== document.activeElement && this.parent.contains(focused)) focused.focus({ preventScroll: true });
  }
}

/** A cell that says on a phone, where rows are cards, what it is. */
export function cell(label, properties = {}, ...children) {
  return element("td", { role: "cell", "data-label": label, ...properties }, ...children);
}

/** A bar of the shares of `whole` that are done, skipped and failed. */
export class ProgressBar {
  #parts = ["done", "skipped", "failed"].map((name) => svg("rect", { class: name, height: "100%" }));

  constructor(label) {
    this.node = element("div", { class: "progress", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100 },
      svg("svg", { "aria-hidden": "true" }, ...this.#parts));
  }

  show({ whole, done = 0, skipped = 0, failed = 0 }) {
    let start = 0;
    [done, skipped, failed].forEach((count, i) => {
      const share = whole > 0 ? (100 * count) / whole : 0;
      setAttribute(this.#parts[i], "x", `${start.toFixed(3)}%`);
      setAttribute(this.#parts[i], "width", `${share.toFixed(3)}%`);
      start += share;
    });
    setAttribute(this.node, "aria-valuenow", Math.floor(start + 1e-9));
  }
}

/** A number with what it is of, and a note below. */
export class Tile {
  #title = element("dt", {});
  #value = element("strong", {});
  #note = element("span", {});
  node = element("div", {}, this.#title, element("dd", {}, this.#value, this.#note));

  show(title, value, note = "", isBad = false) {
    setText(this.#title, title);
    setText(this.#value, value);
    setText(this.#note, note);
    this.#value.classList.toggle("bad", isBad);
  }
}

const scrollers = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  const scrolls = target.scrollHeight > target.clientHeight + 1 || target.scrollWidth > target.clientWidth + 1;
  setAttribute(target, "tabindex", scrolls ? 0 : null);
}));

/** A place for what may be larger: the keyboard reaches it where it scrolls. */
export function scroller(label, ...children) {
  const node = element("div", { class: "scroll", role: "region", "aria-label": label }, ...children);
  scrollers.observe(node);
  return node;
}

/** A table with a caption; `columns` are `[title, isNumber]`, cells text or nodes. */
export function table(caption, columns, rows) {
  const heads = columns.map(([title, isNumber]) => element("th", { scope: "col", class: isNumber && "number", text: title }));
  const lines = rows.map((cells) => element("tr", {},
    ...cells.map((content, i) => element("td", { class: columns[i][1] && "number" }, content))));
  return element("table", {}, element("caption", { text: caption }), element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...lines));
}
