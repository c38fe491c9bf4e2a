// Draws each chart when it comes near the viewport; Vega is fetched for the first one.
(() => {
  let vegaLoaded;

  function loadVega() {
    vegaLoaded ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = document.documentElement.dataset.content_root + "_static/vega.js";
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    return vegaLoaded;
  }

  async function draw(chart) {
    await loadVega();
    const spec = JSON.parse(chart.querySelector("script").textContent);
    const { view } = await vegaEmbed(chart.querySelector(".chart-picture"), spec, {
      actions: false,
      bind: chart.querySelector(".chart-controls"),
      defaultStyle: false,
      mode: "vega",
      renderer: "svg",
    });
    chart.vegaView = view; // for the tests
  }

  const nearby = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((entry) => entry.isIntersecting)) {
        nearby.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "200px" },
  );
  document.querySelectorAll(".chart").forEach((chart) => nearby.observe(chart));
})();
