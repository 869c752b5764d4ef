"use strict";
(() => {
  const form = document.getElementById("filter");
  const { words, right, depth } = form.elements;
  const count = form.querySelector("output");
  const bodies = [...document.querySelectorAll("table.matrix > tbody, table.others > tbody")];
  const rows = bodies.flatMap((body) => [...body.rows].filter((row) => !row.querySelector("[scope=rowgroup]")));
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const marks = (row) => {
    const cells = [...row.querySelectorAll("td")].filter((cell) => cell.querySelector(":scope > svg"));
    return cells.filter((cell) => right.value === "" || cell.cellIndex === Number(right.value))
      .filter((cell) => row.closest("table.matrix") || right.value === "")
      .map((cell) => cell.querySelector("use").getAttribute("href"));
  };
  const fits = (row) => {
    const wanted = words.value.toLowerCase().split(/\s+/);
    if (!wanted.every((word) => texts.get(row).includes(word))) return false;
    if (right.value === "" && depth.value === "") return true;
    return marks(row).some((mark) => depth.value === "" || mark === depth.value);
  };
  const show = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = !fits(row);
      shown += row.hidden ? 0 : 1;
    }
    for (const body of bodies) {
      body.hidden = ![...body.rows].some((row) => !row.hidden && !row.querySelector("[scope=rowgroup]"));
    }
    count.textContent = `${shown} of ${rows.length} rows`;
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  form.hidden = false;
  show();
})();
