// ---- head and legend ----------------------------------------------------------------------------
const LAYERS = [['boxes', 'Boxes', 'b'], ['shapes', 'Shapes', 's'], ['points', 'Key points', 'k'],
                ['names', 'Names', 'n']];

function toggleColours() {
  byInstance = !byInstance;
  for (const button of document.querySelectorAll('.by-instance')) {
    button.setAttribute('aria-pressed', String(byInstance));
  }
  grid.reset();
  if (lightbox.dialog.open) lightbox.repaint();
}

function toggleLayer(name) {
  const off = document.body.classList.toggle('off-' + name);
  for (const button of document.querySelectorAll(`[data-layer=${name}]`)) {
    button.setAttribute('aria-pressed', String(!off));
  }
}

for (const group of [...document.querySelectorAll('.toggles')]) {
  for (const [name, text, key] of LAYERS) {
    const button = el('button', { type: 'button', 'aria-pressed': 'true',
                                  title: `show or hide (${key.toUpperCase()})` }, text);
    button.dataset.layer = name;
    button.addEventListener('click', () => toggleLayer(name));
    group.append(button);
  }
  const colours = el('button', { type: 'button', className: 'by-instance', 'aria-pressed': 'false',
    title: 'a colour for each instance instead of each category (C)' }, 'Instance colours');
  colours.addEventListener('click', toggleColours);
  group.after(el('span', { className: 'toggles' }, colours));
}

function filterButton(entry, mark, text, count, unit) {
  const button = el('button', { type: 'button', className: 'cat', 'aria-pressed': 'false',
    title: text + ': ' + unit }, mark, el('span', { className: 'name' }, text),
    el('span', { className: 'count' }, number(count)));
  if (count === 0) button.classList.add('none');
  button.dataset.filter = entry;
  button.addEventListener('click', () => {
    if (chosen.has(entry)) chosen.delete(entry); else chosen.add(entry);
    button.setAttribute('aria-pressed', String(chosen.has(entry)));
    select();
  });
  return button;
}

function buildLegend() {
  const order = data.categories.map((_, i) => i);
  order.sort((a, b) => (data.categories[a].i === 0) - (data.categories[b].i === 0));
  for (const i of order) {
    const { n, c, i: instances, m } = data.categories[i];
    $('categories').append(el('li', {}, filterButton(i, swatch(c), visible(n), instances,
      plural(instances, 'instance') + ' in ' + plural(m, 'image'))));
  }
  for (const [name, [text, test]] of Object.entries(FINDINGS)) {
    const count = data.images.filter(test).length;
    if (count === 0) continue;
    if (!$('findings').firstChild) $('findings').append(el('h2', {}, 'Images'));
    const mark = el('i', { className: 'swatch ' + (name === 'empty' ? 'hollow' : 'warn') },
                    name === 'empty' ? '' : '!');
    $('findings').append(filterButton(name, mark, text, count, plural(count, 'image')));
  }
  const instances = data.images.flatMap((image) => image.a);
  const points = instances.some((a) => a[6] && a[6].length);
  const key = $('key').children;
  for (let i = 0; i < 4; ++i) key[i].hidden = !points;
  for (let i = 4; i < 6; ++i) key[i].hidden = !instances.some((a) => a[2] & CROWD);
}

function buildHead() {
  const count = data.images.reduce((sum, image) => sum + image.a.length, 0);
  const parts = [plural(data.images.length, 'image'), plural(count, 'instance'),
                 plural(data.categories.length, 'category', 'categories')];
  if (data.total > data.images.length) {
    parts[0] = `${number(data.images.length)} of ${number(data.total)} images, evenly spread`;
  }
  for (const name of ['missing', 'undecodable', 'otherSize']) {
    const [text, test] = FINDINGS[name];
    const images = data.images.filter(test).length;
    if (images) parts.push(number(images) + ' ' + text);
  }
  $('title').textContent = visible(data.title);
  $('subtitle').textContent = parts.join(' \u00b7 ');
  document.title = visible(data.title) + ' - LabelLoom gallery';
}

const headHeight = () =>
  getComputedStyle($('top')).position === 'sticky' ? $('top').offsetHeight : 0;

function clearFilter() {
  chosen.clear();
  for (const button of document.querySelectorAll('.cat')) {
    button.setAttribute('aria-pressed', 'false');
  }
  select();
}

// ---- doubtful key points ------------------------------------------------------------------------
const DOUBTS = { ambiguous: 'two candidates', outside: 'lies outside', 'no-owner': 'no owner',
                 taken: 'name taken' };
const doubtsChosen = new Set();

function card(doubt, cards) {
  const picture = doubt.f
    ? el('img', { src: 'doubtful/' + doubt.f, alt: '', loading: 'lazy', decoding: 'async' })
    : el('span', { className: 'placeholder' }, el('b', {}, 'No picture'));
  const image = data.images[doubt.i];
  const cut = el(image ? 'button' : 'span', { className: 'cut' }, picture);
  if (image) {
    cut.type = 'button';
    cut.title = 'show in its image';
    cut.setAttribute('aria-label', 'show ' + visible(doubt.k) + ' in ' + visible(doubt.n));
    cut.addEventListener('click', () => {
      const list = cards.filter((other) => data.images[other.i]);
      lightbox.open(list.map((d) => ({ image: data.images[d.i], marker: [d.x, d.y] })),
                    list.indexOf(doubt), () => cut.focus());
    });
  }
  return el('figure', { className: 'card' }, cut, el('figcaption', {},
    el('div', { className: 'what' }, el('span', {}, visible(doubt.k)),
       el('span', { className: 'kind' }, DOUBTS[doubt.d] || visible(doubt.d))),
    el('p', { className: 'why' }, visible(doubt.t)),
    el('p', { className: 'file' }, visible(doubt.n))));
}

function showDoubts() {
  const cards = data.doubtful.filter((d) => doubtsChosen.size === 0 || doubtsChosen.has(d.d));
  $('cards').replaceChildren(...cards.map((doubt) => card(doubt, cards)));
}

function buildDoubts() {
  if (data.doubtful_total === 0) return;
  $('views').hidden = false;
  $('views').lastElementChild.append(' ', number(data.doubtful_total));
  const [shown, total] = [data.doubtful.length, data.doubtful_total];
  $('doubtful-intro').textContent =
    'The converter was not sure to which instance these key points belong. Blue is the instance ' +
    'that has the key point or is nearest, orange the other candidate.' +
    (shown < total ? ` ${number(shown)} of ${number(total)} are shown, evenly spread.` : '');
  for (const [kind, text] of Object.entries(DOUBTS)) {
    const count = data.doubtful.filter((d) => d.d === kind).length;
    if (count === 0) continue;
    const chip = el('button', { type: 'button', className: 'chip', 'aria-pressed': 'false' },
                    text + ' ' + number(count));
    chip.addEventListener('click', () => {
      if (doubtsChosen.has(kind)) doubtsChosen.delete(kind); else doubtsChosen.add(kind);
      chip.setAttribute('aria-pressed', String(doubtsChosen.has(kind)));
      showDoubts();
    });
    $('doubts').append(chip);
  }
}

function setView(name) {
  document.body.dataset.view = name;
  for (const button of $('views').children) {
    button.setAttribute('aria-pressed', String(button.dataset.view === name));
  }
  const images = name === 'images';
  $('doubtful').hidden = images;
  for (const id of ['grid', 'legend', 'bar']) $(id).hidden = !images;
  $('empty').hidden = !images || items.length > 0;
  if (!images && !$('cards').firstChild) showDoubts();
  window.scrollTo(0, 0);
  if (images) { grid.layout(); grid.reset(); }
}

// ---- events -------------------------------------------------------------------------------------
$('grid').addEventListener('click', (event) => {
  const tile = event.target.closest('.tile');
  if (!tile) return;
  grid.focus(+tile.dataset.item);
  lightbox.open(items.map((i) => ({ image: data.images[i] })), grid.cursor, (at) => grid.focus(at));
});
$('grid').addEventListener('keydown', (event) => {
  const moves = {
    ArrowLeft: () => grid.focus(grid.cursor - 1), ArrowRight: () => grid.focus(grid.cursor + 1),
    ArrowUp: () => grid.vertical(-1), ArrowDown: () => grid.vertical(1),
    Home: () => grid.focus(0), End: () => grid.focus(items.length - 1),
  };
  if (!moves[event.key] || modified(event)) return;
  moves[event.key]();
  event.preventDefault();
});
document.addEventListener('keydown', (event) => {
  if (event.target.matches('input, select') || modified(event)) return;
  const layer = LAYERS.find(([, , key]) => key === event.key.toLowerCase());
  if (layer) toggleLayer(layer[0]);
  if (event.key.toLowerCase() === 'c') toggleColours();
  if (event.key === '/' && !lightbox.dialog.open) { $('search').focus(); event.preventDefault(); }
});
$('search').addEventListener('input', select);
$('sort').addEventListener('change', select);
$('size').addEventListener('input', () => grid.reset());
$('clear').addEventListener('click', clearFilter);
$('reset').addEventListener('click', () => { $('search').value = ''; clearFilter(); });
for (const button of $('views').children) {
  button.addEventListener('click', () => setView(button.dataset.view));
}
let scrolled = 0;
window.addEventListener('scroll', () => {
  cancelAnimationFrame(scrolled);
  scrolled = requestAnimationFrame(() => grid.render());
}, { passive: true });
new ResizeObserver(() => {
  document.documentElement.style.setProperty('--head', headHeight() + 'px');
  if (grid.node.clientWidth && grid.node.clientWidth !== grid.width) grid.reset();
  else grid.render();
  if (lightbox.dialog.open) lightbox.fit();
}).observe(document.documentElement);
window.addEventListener('resize', () => {
  if (lightbox.dialog.open) lightbox.fit();
  grid.render();
});

document.body.dataset.view = 'images';
buildHead();
buildLegend();
buildDoubts();
select();
