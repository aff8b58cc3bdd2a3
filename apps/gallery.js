'use strict';
// Names of files, categories and key points come from outside: they are only ever shown as text.
const data = JSON.parse(document.getElementById('data').textContent);
const $ = (id) => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
const STATUS = { shown: 0, missing: 1, undecodable: 2, otherSize: 3 };
const CROWD = 1, MASK = 2, MASK_UNUSABLE = 4;
const UNKNOWN = { n: 'unknown category', c: '#a0a0a0', k: [], s: [], i: 0, m: 0 };

function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name.includes('-') || name === 'role') node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Control characters and those that turn the direction of text are written out.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const visible = (name) =>
  name.replace(HIDDEN, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
const modified = (event) => event.ctrlKey || event.metaKey || event.altKey;
const number = (n) => n.toLocaleString('en');
const plural = (n, word, many = word + 's') => number(n) + ' ' + (n === 1 ? word : many);
const category = (index) => data.categories[index] || UNKNOWN;
const paint = (node, colour) => { node.style.setProperty('--c', colour); return node; };

function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b > 130 ? '#111' : '#fff';
}

function swatch(colour) { return paint(el('i', { className: 'swatch' }), colour); }

// [category, count] of an image's instances, most first.
function tally(image) {
  const counts = new Map();
  for (const [c] of image.a) counts.set(c, (counts.get(c) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

// ---- what is shown ------------------------------------------------------------------------------
const chosen = new Set();    // categories (numbers) and findings (names); empty: everything
let items = [];              // indexes of images that match, in order of display
const FINDINGS = {
  missing: ['missing file', (image) => image.s === STATUS.missing],
  undecodable: ['cannot be decoded', (image) => image.s === STATUS.undecodable],
  otherSize: ['other size', (image) => image.s === STATUS.otherSize],
  empty: ['no instances', (image) => image.a.length === 0],
};
const categoryChosen = (c) => {
  for (const entry of chosen) if (typeof entry === 'number') return chosen.has(c);
  return true;
};

function matches(image) {
  if (chosen.size === 0) return true;
  for (const entry of chosen) {
    if (typeof entry === 'string' ? FINDINGS[entry][1](image)
                                  : image.a.some((instance) => instance[0] === entry)) return true;
  }
  return false;
}

const collator = new Intl.Collator('en', { numeric: true });
const ORDERS = {
  file: null,
  name: (a, b) => collator.compare(data.images[a].n, data.images[b].n) || a - b,
  most: (a, b) => data.images[b].a.length - data.images[a].a.length || a - b,
  fewest: (a, b) => data.images[a].a.length - data.images[b].a.length || a - b,
};

function select() {
  const wanted = $('search').value.trim().toLowerCase();
  items = [];
  data.images.forEach((image, i) => {
    if (wanted && !image.n.toLowerCase().includes(wanted)) return;
    if (matches(image)) items.push(i);
  });
  const order = ORDERS[$('sort').value];
  if (order) items.sort(order);
  $('status').textContent = items.length === data.images.length
    ? plural(items.length, 'image')
    : number(items.length) + ' of ' + plural(data.images.length, 'image');
  $('empty').hidden = items.length > 0;
  $('clear').hidden = chosen.size === 0;
  grid.reset();
}

// By instance, one sees which key points belong together; neighbours of one category differ.
const PALETTE = ['#56b4e9', '#e69f00', '#3ddc97', '#f0e442', '#ff7a3d', '#e58fc0', '#4f8cff',
                 '#b8f26b'];
let byInstance = false;
const colourOf = (instance, index) =>
  byInstance ? PALETTE[index % PALETTE.length] : category(instance[0]).c;

// ---- overlays -----------------------------------------------------------------------------------
// The data's lengths are tenths of a pixel of the shown picture.
function instanceNode(image, instance, index) {
  const [c, , flags, , box, path, points] = instance;
  const group = paint(svg('g', { class: 'inst', 'data-category': c }), colourOf(instance, index));
  if (path) group.append(svg('path', { class: 'shape', d: path }));
  if (box) {
    const [x, y, width, height] = box;
    const crowd = flags & CROWD ? ' crowd' : '';
    const boxes = svg('g', { class: 'boxes' });
    for (const name of ['case', 'box']) {
      boxes.append(svg('rect', { class: name + crowd, x, y, width, height }));
    }
    group.append(boxes);
  }
  if (points && points.length) group.append(pointsNode(category(c), points));
  return group;
}

function pointsNode(kind, points) {
  const group = svg('g', { class: 'points' });
  const at = new Map();
  for (let i = 0; i < points.length; i += 4) at.set(points[i] + 1, [points[i + 1], points[i + 2]]);
  let edges = '';
  for (let i = 0; i < kind.s.length; i += 2) {
    const [a, b] = [at.get(kind.s[i]), at.get(kind.s[i + 1])];
    if (a && b) edges += `M${a[0]} ${a[1]}L${b[0]} ${b[1]}`;
  }
  if (edges) {
    for (const name of ['edge-case', 'edge']) group.append(svg('path', { class: name, d: edges }));
  }
  // A line without length and with round ends is a dot that keeps its size on the screen.
  let dots = '', holes = '';
  for (let i = 0; i < points.length; i += 4) {
    const dot = `M${points[i + 1]} ${points[i + 2]}h0`;
    dots += dot;
    if (points[i + 3] === 1) holes += dot;
  }
  group.append(svg('path', { class: 'rim', d: dots }), svg('path', { class: 'dot', d: dots }));
  if (holes) group.append(svg('path', { class: 'hole', d: holes }));
  return group;
}

function overlay(image) {
  const root = svg('svg', { class: 'overlay', viewBox: `0 0 ${image.w * 10} ${image.h * 10}`,
                            preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  if (image.s) return root;
  image.a.forEach((instance, i) => {
    if (!categoryChosen(instance[0])) return;
    const node = instanceNode(image, instance, i);
    node.dataset.instance = i;
    root.append(node);
  });
  return root;
}

function tag(instance, index) {
  const kind = category(instance[0]), colour = colourOf(instance, index);
  const node = paint(el('span', { className: 'tag' }, visible(kind.n)), colour);
  if (instance[2] & CROWD) node.append(' (crowd)');
  node.style.setProperty('--on', inkOn(colour));
  return node;
}

// Places labels so that none covers another; those that find no room are left out. `tries` gives
// the positions of a label's top left corner, best first.
class Placer {
  constructor(width, height) { this.width = width; this.height = height; this.taken = []; }
  place(width, height, tries) {
    for (const [left, top] of tries) {
      const x = Math.max(0, Math.min(left, this.width - width));
      const y = Math.max(0, Math.min(top, this.height - height));
      const free = this.taken.every((t) => x >= t[0] + t[2] || t[0] >= x + width ||
                                           y >= t[1] + t[3] || t[1] >= y + height);
      if (free) { this.taken.push([x, y, width, height]); return [x, y]; }
    }
    return null;
  }
}

const textWidth = (() => {
  const context = document.createElement('canvas').getContext('2d');
  const cache = new Map();
  return (text, size) => {
    const key = size + text;
    if (!cache.has(key)) {
      context.font = size + 'px system-ui, sans-serif';
      cache.set(key, context.measureText(text).width);
    }
    return cache.get(key);
  };
})();

// Names of instances, and of key points where `pointNames`, over a picture of width x height.
function tags(image, width, height, pointNames) {
  const root = el('span', { className: 'tags', 'aria-hidden': 'true' });
  if (image.s) return root;
  const placer = new Placer(width, height);
  const scale = width / (image.w * 10);
  const size = pointNames ? 12 : 10, line = pointNames ? 17 : 14;
  const put = (node, index, place) => {
    if (!place) return;
    node.style.left = place[0] + 'px';
    node.style.top = place[1] + 'px';
    node.dataset.instance = index;
    root.append(node);
  };
  image.a.forEach((instance, i) => {
    if (!categoryChosen(instance[0]) || (!pointNames && instance[4][2] * scale < 12)) return;
    const node = tag(instance, i);
    const textLength = Math.min(width, textWidth(node.textContent, size) + (pointNames ? 10 : 8));
    const [x, y] = [instance[4][0] * scale, instance[4][1] * scale];
    put(node, i, placer.place(textLength, line, [[x, y - line], [x, y]]));
  });
  if (!pointNames) return root;
  image.a.forEach((instance, i) => {
    const names = category(instance[0]).k, points = instance[6];
    if (!categoryChosen(instance[0])) return;
    for (let p = 0; p < points.length; p += 4) {
      const name = visible(names[points[p]] || '#' + (points[p] + 1));
      const [x, y] = [points[p + 1] * scale, points[p + 2] * scale];
      const length = textWidth(name, 11.5) + 2;
      if (x < 0 || y < 0 || x > width || y > height) continue;
      const place = placer.place(length, 14, [[x + 8, y - 7], [x - 8 - length, y - 7],
                                              [x - length / 2, y - 21], [x - length / 2, y + 7]]);
      put(el('span', { className: 'kp-name' }, name), i, place);
    }
  });
  return root;
}

const TROUBLE = { 1: 'Missing', 2: 'Cannot be decoded' };
function placeholder(image) {
  return el('span', { className: 'placeholder' }, el('b', {}, TROUBLE[image.s]),
            el('span', { className: 'name' }, visible(image.n)), el('span', {}, visible(image.m)));
}

// ---- grid: only the rows on screen exist --------------------------------------------------------
const grid = {
  node: $('grid'), rows: [], tiles: new Map(), cursor: 0, GAP: 14, LABEL: 27,

  layout() {
    const width = this.node.clientWidth, wanted = +$('size').value;
    this.width = width;
    this.rows = [];
    this.rowOf = new Array(items.length);
    let top = 0, first = 0, sum = 0;
    const close = (end, height) => {
      let x = 0;
      const row = { top, height, cells: [] };
      for (let i = first; i < end; ++i) {
        const w = Math.min(this.aspect(i) * height, width);
        row.cells.push({ item: i, x, w });
        this.rowOf[i] = this.rows.length;
        x += w + this.GAP;
      }
      this.rows.push(row);
      top += height + this.LABEL + this.GAP;
      first = end;
      sum = 0;
    };
    for (let i = 0; i < items.length; ++i) {
      sum += this.aspect(i);
      const room = width - this.GAP * (i - first);
      if (sum * wanted >= room) close(i + 1, Math.min(room / sum, wanted * 1.3));
    }
    if (first < items.length) close(items.length, wanted);
    this.node.style.height = top + 'px';
  },

  aspect(item) {
    const { w, h } = data.images[items[item]];
    return w > 0 && h > 0 ? Math.max(0.5, Math.min(3, w / h)) : 4 / 3;
  },

  reset() {
    for (const tile of this.tiles.values()) tile.remove();
    this.tiles.clear();
    this.cursor = Math.min(this.cursor, Math.max(0, items.length - 1));
    this.layout();
    this.render();
  },

  render() {
    if (document.body.dataset.view !== 'images') return;
    const offset = this.node.getBoundingClientRect().top;
    const from = -offset - 400, to = -offset + window.innerHeight + 400;
    const wanted = new Set();
    let low = 0, high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = this.rows[middle];
      if (row.top + row.height + this.LABEL < from) low = middle + 1; else high = middle;
    }
    for (let r = low; r < this.rows.length && this.rows[r].top <= to; ++r) {
      for (const cell of this.rows[r].cells) {
        wanted.add(cell.item);
        if (!this.tiles.has(cell.item)) this.add(this.rows[r], cell);
      }
    }
    for (const [item, tile] of this.tiles) {
      if (wanted.has(item) || tile === document.activeElement) continue;
      tile.remove();
      this.tiles.delete(item);
    }
  },

  add(row, cell) {
    const tile = makeTile(data.images[items[cell.item]], cell.w, row.height);
    tile.style.cssText = `left:${cell.x}px;top:${row.top}px;width:${cell.w}px`;
    tile.dataset.item = cell.item;
    tile.tabIndex = cell.item === this.cursor ? 0 : -1;
    this.tiles.set(cell.item, tile);
    // In reading order, for those who hear the page.
    const after = [...this.node.children].find((other) => +other.dataset.item > cell.item);
    this.node.insertBefore(tile, after || null);
  },

  focus(item) {
    if (items.length === 0) return;
    item = Math.max(0, Math.min(items.length - 1, item));
    const old = this.tiles.get(this.cursor);
    if (old) old.tabIndex = -1;
    this.cursor = item;
    const row = this.rows[this.rowOf[item]];
    const top = this.node.getBoundingClientRect().top + row.top, head = headHeight();
    if (top < head + 8) window.scrollBy(0, top - head - 8);
    const below = top + row.height + this.LABEL + 8 - window.innerHeight;
    if (below > 0) window.scrollBy(0, below);
    this.render();
    const tile = this.tiles.get(item);
    tile.tabIndex = 0;
    tile.focus({ preventScroll: true });
  },

  vertical(step) {
    const r = this.rowOf[this.cursor], row = this.rows[r + step];
    if (!row) return;
    const here = this.rows[r].cells.find((cell) => cell.item === this.cursor);
    const middle = here.x + here.w / 2;
    const distance = (cell) => Math.abs(cell.x + cell.w / 2 - middle);
    this.focus(row.cells.reduce((a, b) => (distance(b) < distance(a) ? b : a)).item);
  },
};

function makeTile(image, width, height) {
  const counts = tally(image);
  const spoken = counts.map(([c, n]) => n + ' ' + visible(category(c).n)).join(', ');
  const trouble = image.s ? '; ' + visible(image.m) : '';
  const tile = el('button', { type: 'button', className: 'tile',
    title: visible(image.n) + (spoken ? '\n' + spoken : '') + trouble.replace('; ', '\n'),
    'aria-label': visible(image.n) + ', ' + (spoken || 'no instances') + trouble });
  const pic = el('span', { className: 'pic' });
  pic.style.height = height + 'px';
  if (image.f) {
    // Extreme pictures are fitted into their tile, and their overlay with them.
    const scale = Math.min(width / image.w, height / image.h);
    const [w, h] = [image.w * scale, image.h * scale];
    const frame = el('span', {});
    frame.style.cssText = `position:absolute;width:${w}px;height:${h}px;` +
                          `left:${(width - w) / 2}px;top:${(height - h) / 2}px`;
    frame.append(el('img', { src: 'thumbs/' + image.f, alt: '', decoding: 'async' }),
                 overlay(image), tags(image, w, h, false));
    pic.append(frame);
    if (image.s) pic.append(el('span', { className: 'badge' }, visible(image.m)));
  } else {
    pic.append(placeholder(image));
  }
  const dots = el('span', { className: 'dots' });
  const room = Math.max(1, Math.floor(width / 70));
  for (const [c, n] of counts.slice(0, room)) {
    dots.append(el('span', {}, paint(el('i', {}), category(c).c), number(n)));
  }
  if (counts.length > room) dots.append('+' + (counts.length - room));
  tile.append(pic, el('span', { className: 'label' },
                      el('span', { className: 'file' }, visible(image.n.split('/').pop())), dots));
  return tile;
}
