// A box that scrolls sideways can be reached with the keyboard; one that fits is no stop for the Tab key.
(() => {
  const boxes = document.querySelectorAll(".formula, .chart-picture, .pst-scrollable-table-container, div.highlight pre");

  function markScrollable() {
    for (const box of boxes) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  markScrollable();
  window.addEventListener("resize", markScrollable);
})();

// Paper is white.
(() => {
  const { dataset } = document.documentElement;
  let theme;
  window.addEventListener("beforeprint", () => {
    theme = dataset.theme;
    dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => (dataset.theme = theme));
})();

// A copied formula is its TeX.
document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (!selection.rangeCount) return;
  const range = selection.getRangeAt(0);
  const around = range.commonAncestorContainer;
  const inside = (around.closest ? around : around.parentElement)?.closest("[data-tex]");
  const box = document.createElement("div");
  box.append(inside ? inside.dataset.tex : range.cloneContents());
  const formulas = box.querySelectorAll("[data-tex]");
  if (!inside && !formulas.length) return;
  for (const formula of formulas) formula.replaceWith(formula.dataset.tex);
  box.style = "position: absolute; left: -9999px";
  document.body.append(box); // its text has line breaks only when it is laid out
  event.clipboardData.setData("text/plain", box.innerText);
  box.remove();
  event.preventDefault();
});
