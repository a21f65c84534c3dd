// Keeps the table current without taking away what the reader has opened, typed or selected.
const table = document.getElementById("table");

function busy() {
  const typed = [...table.querySelectorAll("input")].some((input) => input.value !== input.defaultValue);
  return typed || table.contains(document.activeElement) || String(getSelection()) !== "";
}

async function refresh() {
  if (document.hidden || busy()) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const open = new Set([...table.querySelectorAll("details[open]")].map((details) => details.id));
  for (const details of page.querySelectorAll("#table details")) details.open = open.has(details.id);
  if (busy()) return;
  const fresh = page.getElementById("table").innerHTML;
  if (fresh !== table.innerHTML) table.innerHTML = fresh;
  document.getElementById("tabs").innerHTML = page.getElementById("tabs").innerHTML;
}

setInterval(() => refresh().catch(() => {}), 2000);
