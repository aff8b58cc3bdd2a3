"use strict";
// Everything in the data is hostile: it is shown as text only, and numbers are drawn.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = selector => document.querySelector(selector);
const palette = [[0, 114, 178], [230, 159, 0], [0, 158, 115], [204, 121, 167], [86, 180, 233], [240, 228, 66],
                 [153, 153, 153], [148, 103, 189], [140, 86, 75], [23, 190, 207]];
const layers = [
  {id: "boxes", name: "boxes", colour: null, on: true, key: "b"},
  {id: "points", name: "key points", colour: null, on: true, key: "k"},
  {id: "masks", name: "BoxMasks", colour: [255, 255, 255], on: true, key: "m"},
  {id: "seg", name: "segmentation", colour: null, on: false, key: "s"},
  {id: "loc", name: "S_loc blames", colour: [255, 40, 40], on: true, key: "1"},
  {id: "cls", name: "S_cls blames", colour: [255, 0, 255], on: true, key: "2"},
  {id: "outside", name: "S_seg blames", colour: [190, 255, 0], on: true, key: "3"}];
const layer = Object.fromEntries(layers.map(l => [l.id, l]));

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
const css = (rgb, alpha = 1) => `rgb(${rgb.join(" ")} / ${alpha})`;
const class_colour = index => palette[index % palette.length];
// Classes of boxes look like their class of pixels.
function box_colour(index) {
  const seg = data.header.classes[index].seg_class;
  return class_colour(seg >= 0 ? seg : index);
}
// "\u202e" and the like would turn a name round.
const shown = text => text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
  c => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
const number = value => value === null || value === undefined ? "–"
  : Math.abs(value) >= 1000 ? value.toFixed(0) : String(+value.toPrecision(3));

// Calls visit(first, last) for the runs of cells that are taken.
function each_run(runs, visit) {
  let at = 0;
  (runs || []).forEach((count, i) => {
    if (i % 2) visit(at, at + count);
    at += count;
  });
}

// A canvas with a pixel a cell.
function cells_canvas(grid, paint) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = grid;
  const context = canvas.getContext("2d");
  const image = context.createImageData(grid[0], grid[1]);
  const fill = (first, last, rgb, alpha) => {
    for (let i = first; i < last; ++i) image.data.set([...rgb, alpha], 4 * i);
  };
  paint(fill);
  context.putImageData(image, 0, 0);
  return canvas;
}

function draw_cells(context, item, scale) {
  const row = item.row;
  if (!row.seg) return;
  const [columns, rows, x, y, width, height] = row.seg.grid;
  const canvas = cells_canvas([columns, rows], fill => {
    if (layer.seg.on) {
      let at = 0;
      for (let i = 0; i < row.seg.labels.length; i += 2) {
        const [label, count] = [row.seg.labels[i], row.seg.labels[i + 1]];
        if (label >= 0) fill(at, at + count, class_colour(label), 110);
        at += count;
      }
    }
    if (layer.outside.on) each_run(row.seg.seg, (a, b) => fill(a, b, layer.outside.colour, 150));
    for (const box of row.boxes) {
      if (layer.cls.on) each_run(box.cls, (a, b) => fill(a, b, layer.cls.colour, 150));
      if (layer.loc.on) each_run(box.loc, (a, b) => fill(a, b, layer.loc.colour, 150));
    }
  });
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, x * scale, y * scale, columns * width * scale, rows * height * scale);
  context.imageSmoothingEnabled = true;
  if (!layer.masks.on) return;
  for (const box of row.boxes) outline(context, box.mask, row.seg.grid, scale, css(box_colour(box.class)));
}

function outline(context, runs, [columns, rows, x, y, width, height], scale, colour) {
  const taken = new Set();
  each_run(runs, (a, b) => { for (let i = a; i < b; ++i) taken.add(i); });
  context.beginPath();
  const line = (c0, r0, c1, r1) => {
    context.moveTo((x + c0 * width) * scale, (y + r0 * height) * scale);
    context.lineTo((x + c1 * width) * scale, (y + r1 * height) * scale);
  };
  for (const i of taken) {
    const [c, r] = [i % columns, Math.floor(i / columns)];
    if (r === 0 || !taken.has(i - columns)) line(c, r, c + 1, r);
    if (!taken.has(i + columns)) line(c, r + 1, c + 1, r + 1);
    if (c === 0 || !taken.has(i - 1)) line(c, r, c, r + 1);
    if (c + 1 === columns || !taken.has(i + 1)) line(c + 1, r, c + 1, r + 1);
  }
  for (const [style, thickness] of [["#000c", 3], [colour, 1.5]]) {
    context.strokeStyle = style;
    context.lineWidth = thickness;
    context.stroke();
  }
}

function draw_boxes(context, item, scale) {
  context.font = "600 12px system-ui, sans-serif";
  item.row.boxes.forEach((box, i) => {
    const colour = css(box_colour(box.class));
    const [x, y, w, h] = box.box.map(v => v * scale);
    if (layer.boxes.on) {
      for (const [style, thickness] of [["#000a", 4], [colour, 2]]) {
        context.strokeStyle = style;
        context.lineWidth = thickness;
        context.setLineDash(i === item.note.blamed ? [] : [6, 4]);
        context.strokeRect(x, y, w, h);
      }
      context.setLineDash([]);
      const text = `${i + 1} ${shown(data.header.classes[box.class].name)} ${Math.round(100 * box.score)} %`;
      const wide = context.measureText(text).width + 8;
      const left = Math.max(0, Math.min(x, context.canvas.width - wide));
      const top = y >= 17 ? y - 17 : y;
      context.fillStyle = "#000b";
      context.fillRect(left, top, wide, 17);
      context.fillStyle = "#fff";
      context.fillText(text, left + 4, top + 13);
    }
    if (layer.points.on) for (const [, px, py] of box.kp || []) {
      context.beginPath();
      context.arc(px * scale, py * scale, 4, 0, 7);
      context.fillStyle = colour;
      context.fill();
      context.strokeStyle = "#fff";
      context.lineWidth = 1.5;
      context.stroke();
    }
  });
}

const pictures = new Map();
function picture(item) {
  if (data.images === null) return null;
  if (!pictures.has(item.url)) {
    const image = new Image();
    image.decoding = "async";
    const entry = {image, state: "loading", waiting: []};
    const settle = state => () => { entry.state = state; entry.waiting.splice(0).forEach(f => f()); };
    image.onload = settle("ready");
    image.onerror = settle("missing");
    image.src = item.url;
    pictures.set(item.url, entry);
  }
  return pictures.get(item.url);
}

function draw(canvas, item, wide) {
  const [width, height] = item.row.size;
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  canvas.width = Math.max(1, Math.round(wide * ratio));
  canvas.height = Math.max(1, Math.round(wide * height / width * ratio));
  const context = canvas.getContext("2d");
  const entry = picture(item);
  if (entry && entry.state === "ready") context.drawImage(entry.image, 0, 0, canvas.width, canvas.height);
  if (entry && entry.state === "loading") entry.waiting.push(() => draw(canvas, item, wide));
  canvas.dataset.state = entry ? entry.state : "none";
  const scale = canvas.width / width;
  draw_cells(context, item, scale);
  draw_boxes(context, item, scale);
}

// Components the page can be ordered by.
const components = ["rank", "score"];
data.items.forEach((item, index) => {
  item.index = index;
  item.url = data.images === null ? "" : data.images + item.row.key.split("/").map(encodeURIComponent).join("/");
  item.values = {rank: item.note.rank, score: item.note.score, ...item.note.components};
  for (const name of Object.keys(item.values)) if (!components.includes(name)) components.push(name);
});

let order = [];
let ascending = true;
function sort() {
  const by = $("#sort").value;
  const value = item => item.values[by] ?? -Infinity;
  order = data.items.slice().sort((a, b) => (ascending ? 1 : -1) * (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) || a.index - b.index);
  $("#direction").textContent = ascending ? "ascending" : "descending";
  $("#direction").setAttribute("aria-pressed", ascending);
  show();
}

const visible = new Set();
const observer = new IntersectionObserver(entries => {
  for (const entry of entries) {
    if (!entry.isIntersecting) { visible.delete(entry.target); continue; }
    visible.add(entry.target);
    draw(entry.target, data.items[entry.target.dataset.item], entry.target.clientWidth);
  }
}, {rootMargin: "300px"});

function card(item) {
  const canvas = element("canvas");
  canvas.dataset.item = item.index;
  canvas.style.aspectRatio = `${item.row.size[0]} / ${item.row.size[1]}`;
  const by = $("#sort").value;
  const extra = by === "rank" || by === "score" ? "" : ` · ${by} ${number(item.values[by])}`;
  const made = element("button", {type: "button", className: "card"}, canvas,
    element("div", {className: "text"},
      element("div", {className: "head"}, element("span", {className: "name", textContent: `${item.note.rank}. ${shown(item.row.key)}`, title: shown(item.row.key)}),
        element("span", {textContent: number(item.note.score)})),
      element("div", {className: "why"}, element("b", {textContent: shown(item.note.reason)}), extra)));
  made.dataset.item = item.index;
  made.addEventListener("click", () => open_at(order.indexOf(item)));
  observer.observe(canvas);
  return made;
}

function show() {
  observer.disconnect();
  visible.clear();
  $("#grid").replaceChildren(...order.map(card));
}

function redraw() {
  for (const canvas of visible) draw(canvas, data.items[canvas.dataset.item], canvas.clientWidth);
  if ($("#lightbox").open) draw_large();
}

let current = 0;
function draw_large() {
  const item = order[current];
  const stage = $(".lb-stage").getBoundingClientRect();
  const [width, height] = item.row.size;
  draw($("#lb-canvas"), item, Math.max(50, Math.min(stage.width - 16, (stage.height - 16) * width / height)));
  $("#lb-canvas").style.width = `${$("#lb-canvas").width / Math.min(2, window.devicePixelRatio || 1)}px`;
}
function table(head, rows) {
  return element("table", {}, element("thead", {}, element("tr", {}, ...head.map(h => element("th", {textContent: h})))),
    element("tbody", {}, ...rows.map(r => element("tr", {className: r.blamed ? "blamed" : ""}, ...r.cells.map(c => element("td", {textContent: c}))))));
}
function open_at(index) {
  current = index;
  const item = order[index];
  $("#lb-name").textContent = `${item.note.rank}. ${shown(item.row.key)} – ${shown(item.note.reason)}`;
  $("#lb-prev").disabled = index === 0;
  $("#lb-next").disabled = index + 1 === order.length;
  const terms = item.note.terms;
  $("#lb-panel").replaceChildren(
    element("h2", {textContent: "Scores"}),
    table(["component", "value"], components.filter(c => c in item.values).map(c => ({cells: [shown(c), number(item.values[c])]}))),
    element("h2", {textContent: "Boxes"}),
    table(["box", "score", "S_loc", "S_cls"], item.row.boxes.map((box, i) => ({
      blamed: i === item.note.blamed,
      cells: [`${i + 1} ${shown(data.header.classes[box.class].name)}`, number(box.score), number(terms[i]?.[0]), number(terms[i]?.[1])]}))));
  if (!$("#lightbox").open) $("#lightbox").showModal();
  draw_large();
}
function step(by) {
  if (current + by >= 0 && current + by < order.length) open_at(current + by);
}

function toggle(id) {
  layer[id].on = !layer[id].on;
  for (const button of document.querySelectorAll(`[data-layer=${id}]`)) button.setAttribute("aria-pressed", layer[id].on);
  redraw();
}

$("#title").textContent = shown(data.title);
document.title = shown(data.title);
$("#subtitle").textContent = shown(data.subtitle);
$("#status").textContent = data.items.length === data.total ? `${data.total} images` : `the first ${data.items.length} of ${data.total} images`;
for (const l of layers) {
  const button = element("button", {type: "button", title: `${l.name} (${l.key})`}, ...(l.colour ? [element("i")] : []), l.name);
  if (l.colour) button.firstChild.style.setProperty("--c", css(l.colour));
  button.dataset.layer = l.id;
  button.setAttribute("aria-pressed", l.on);
  button.addEventListener("click", () => toggle(l.id));
  $(".layers").append(button);
}
for (const name of components) $("#sort").append(element("option", {value: name, textContent: shown(name)}));
$("#sort").addEventListener("change", () => { ascending = $("#sort").value === "rank"; sort(); });
$("#direction").addEventListener("click", () => { ascending = !ascending; sort(); });
$("#size").addEventListener("input", () => { $("#grid").style.setProperty("--w", `${$("#size").value}px`); requestAnimationFrame(redraw); });
$("#lb-prev").addEventListener("click", () => step(-1));
$("#lb-next").addEventListener("click", () => step(1));
$("#lb-close").addEventListener("click", () => $("#lightbox").close());
addEventListener("resize", () => requestAnimationFrame(redraw));
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(SELECT|INPUT)$/.test(event.target.tagName)) return;
  const found = layers.find(l => l.key === event.key);
  if (found) toggle(found.id);
  if ($("#lightbox").open && event.key === "ArrowRight") step(1);
  if ($("#lightbox").open && event.key === "ArrowLeft") step(-1);
});
sort();
