// A chart is a picture until a reader touches it; then its data and Vega are fetched, and it is drawn anew at each move.
(() => {
  const WIDE = 600; // px of column from which panels stand side by side; website.css says the same
  const asked = {};

  function load(address) {
    asked[address] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = document.documentElement.dataset.content_root + address;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    return asked[address];
  }

  // Fill the box: panels side by side where there is room, else one above the other.
  function arrange(data, column) {
    const spec = structuredClone(data.vega);
    const wide = column >= WIDE;
    const group = spec.marks.find((mark) => mark.layout);
    if (!group) return spec;
    const columns = wide ? group.layout.columns : 1;
    group.layout.columns = columns;
    for (const signal of spec.signals.filter(({ name }) => data.widths.includes(name))) {
      const [panel, whole] = wide ? [signal.value, data.wide] : [data.stacked, data.narrow];
      signal.value = panel + Math.floor((column - whole) / columns);
    }
    return spec;
  }

  function value(control) {
    if (control.type === "checkbox") return control.checked;
    return control.tagName === "SELECT" ? control.value : Number(control.value);
  }

  function start(chart) {
    const picture = chart.querySelector(".chart-picture");
    const numbers = chart.querySelector(".chart-numbers");
    const controls = [...chart.querySelectorAll(".chart-controls [name]")];
    let data, view, drawn;

    function showNumbers() {
      const lines = view.data(data.numbers)[0]?.lines ?? [];
      numbers.replaceChildren(
        ...lines.flatMap((line) => [Object.assign(document.createElement("span"), { textContent: line }), " "]),
      );
    }

    async function draw() {
      const { source } = chart.dataset;
      try {
        await Promise.all([load("_static/vega.js"), load(`_static/charts/${source}.js`)]);
      } catch {
        numbers.textContent = "The script that moves this chart did not load. The picture shows how it starts.";
        controls.forEach((control) => (control.disabled = true));
        return;
      }
      data = window.chartData[source];
      drawn = picture.clientWidth;
      const stage = document.createElement("div");
      view?.finalize();
      const look = { mode: "vega", renderer: "svg", actions: false, defaultStyle: false };
      ({ view } = await vegaEmbed(stage, arrange(data, drawn), look));
      controls.forEach((control) => view.signal(control.name, value(control)));
      await view.runAsync();
      picture.replaceChildren(stage);
      if (data.numbers) showNumbers();
      chart.vegaView = view; // for the tests
    }

    function showValue(control) {
      const shown = chart.querySelector(`output[for="${control.id}"]`);
      if (shown) shown.textContent = control.value;
    }

    const begin = () => (chart.ready ??= draw());
    for (const sign of ["pointerenter", "focusin", "touchstart"]) {
      chart.addEventListener(sign, begin, { once: true, passive: true });
    }
    for (const control of controls) {
      const button = control.tagName === "BUTTON";
      control.addEventListener(button ? "click" : "input", async () => {
        if (button) control.value = (control.value % control.dataset.last) + 1;
        showValue(control);
        await begin();
        if (!view) return;
        await view.signal(control.name, value(control)).runAsync();
        if (data.numbers) showNumbers();
      });
    }
    controls.forEach(showValue); // a reader, or a browser that remembers, may have been here before this script
    if (chart.matches(":hover, :focus-within")) begin();
    new ResizeObserver(() => {
      if (view && picture.clientWidth !== drawn) draw();
    }).observe(picture);
  }

  document.querySelectorAll(".chart").forEach(start);
})();
