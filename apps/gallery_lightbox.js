// ---- lightbox -----------------------------------------------------------------------------------
const lightbox = {
  dialog: $('lightbox'), stage: $('lb-stage'), canvas: $('lb-canvas'),
  list: [], position: 0, scale: 1, fitted: 1, x: 0, y: 0, pinned: -1, onclose: null,

  // `list` holds {image, marker}; a marker is [x, y] as shares of the picture.
  open(list, position, onclose) {
    this.list = list;
    this.onclose = onclose;
    this.dialog.showModal();
    this.show(position);
    this.stage.focus({ preventScroll: true });
  },

  show(position) {
    if (position < 0 || position >= this.list.length) return;
    this.position = position;
    const { image, marker } = this.list[position];
    this.image = image;
    this.pinned = this.highlighted = -1;
    this.labelScale = 0;
    $('lb-name').textContent = visible(image.n);
    $('lb-count').textContent = number(position + 1) + ' / ' + number(this.list.length);
    $('lb-prev').disabled = position === 0;
    $('lb-next').disabled = position === this.list.length - 1;
    this.canvas.replaceChildren();
    this.canvas.className = '';
    for (const old of this.stage.querySelectorAll('.empty-picture')) old.remove();
    if (image.f) {
      const picture = { src: 'images/' + image.f, alt: visible(image.n), draggable: false };
      this.canvas.append(el('img', picture), overlay(image), el('span', { className: 'tags' }));
      if (marker) {
        const node = el('span', { className: 'marker' });
        node.style.cssText = `left:${marker[0] * 100}%;top:${marker[1] * 100}%`;
        this.canvas.append(node);
      }
    } else {
      this.stage.append(el('p', { className: 'empty-picture' },
        TROUBLE[image.s] + ': ' + visible(image.n) + ' (' + visible(image.m) + ')'));
    }
    this.panel();
    this.fit();
    if (marker) this.zoomTo([marker[0] * image.w - 60, marker[1] * image.h - 60, 120, 120], 2.5);
  },

  panel() {
    const { image } = this, panel = $('lb-panel');
    const shown = image.a.map((instance, i) => [instance, i]).filter(([a]) => categoryChosen(a[0]));
    const size = image.W + ' \u00d7 ' + image.H + ' px';
    const facts = (...content) => el('p', { className: 'facts' }, ...content);
    panel.replaceChildren(facts(el('b', { className: 'name' }, visible(image.n)), el('br'),
                                size + ', ' + plural(image.a.length, 'instance')));
    if (image.f) {
      const drawn = { href: 'overlays/' + image.f, target: '_blank' };
      panel.append(facts(el('a', drawn, 'picture with everything drawn in')));
    }
    if (image.s) panel.append(el('p', { className: 'warn' }, visible(image.m)));
    if (shown.length < image.a.length) {
      panel.append(facts(plural(image.a.length - shown.length, 'instance') +
                         ' of other categories hidden by the filter'));
    }
    if (shown.length) panel.append(el('h2', {}, 'Instances'));
    for (const [instance, i] of shown) panel.append(this.row(instance, i));
    panel.scrollTop = 0;
  },

  row(instance, index) {
    const [c, id, flags, score, box, path, points] = instance;
    const kind = category(c);
    const notes = [];
    if (box) {
      const kx = this.image.W / this.image.w / 10, ky = this.image.H / this.image.h / 10;
      notes.push(Math.round(box[2] * kx) + ' \u00d7 ' + Math.round(box[3] * ky) + ' px');
      if (flags & MASK_UNUSABLE) notes.push('mask of another size: not drawn');
      else notes.push(flags & MASK ? 'mask' : path ? 'polygon' : 'box only');
      if (points.length) {
        let hidden = 0;
        for (let p = 3; p < points.length; p += 4) if (points[p] === 1) ++hidden;
        notes.push(points.length / 4 + '/' + kind.k.length + ' key points' +
                   (hidden ? ', ' + hidden + ' hidden' : ''));
      }
    }
    if (flags & CROWD) notes.push('crowd');
    if (typeof score === 'number') notes.push('score ' + score.toFixed(2));
    const row = el('button', { type: 'button', className: 'row', 'aria-pressed': 'false' },
      el('span', { className: 'head' }, swatch(colourOf(instance, index)),
         el('span', { className: 'name' }, visible(kind.n)),
         el('span', { className: 'id' }, '#' + id)),
      el('span', { className: 'more' }, notes.join(' \u00b7 ')));
    row.dataset.instance = index;
    // Not on entering: the panel may have opened under a pointer at rest.
    row.addEventListener('pointermove', (event) => {
      const moved = event.movementX || event.movementY;
      if (moved && this.highlighted !== index) this.highlight(index);
    });
    row.addEventListener('pointerleave', () => this.highlight(this.pinned));
    row.addEventListener('click', () => this.pin(index));
    return row;
  },

  // A click on an instance's row goes near it; the next one goes back.
  pin(index) {
    this.pinned = this.pinned === index ? -1 : index;
    const box = this.image.a[index][4];
    if (this.pinned < 0 || !box) this.fit();
    else this.zoomTo(box.map((v) => v / 10), 12);
    this.highlight(this.pinned);
    for (const row of $('lb-panel').querySelectorAll('.row')) {
      row.setAttribute('aria-pressed', String(+row.dataset.instance === this.pinned));
    }
  },

  highlight(index) {
    this.highlighted = index;
    this.canvas.classList.toggle('focus', index >= 0);
    for (const node of this.canvas.querySelectorAll('[data-instance]')) {
      node.classList.toggle('on', +node.dataset.instance === index);
    }
  },

  size() { return [this.stage.clientWidth, this.stage.clientHeight]; },

  fit() {
    const [width, height] = this.size();
    const scale = Math.min((width - 24) / this.image.w, (height - 24) / this.image.h);
    this.fitted = Math.max(0.01, Math.min(scale, 8));
    this.scale = this.fitted;
    this.x = (width - this.image.w * this.scale) / 2;
    this.y = (height - this.image.h * this.scale) / 2;
    this.place();
  },

  zoomTo([x, y, w, h], most) {
    const [width, height] = this.size();
    const wanted = Math.min(width / (w * 1.5 || 1), height / (h * 1.5 || 1), most);
    this.scale = Math.max(this.fitted, wanted);
    this.x = width / 2 - (x + w / 2) * this.scale;
    this.y = height / 2 - (y + h / 2) * this.scale;
    this.place();
  },

  zoom(factor, x, y) {
    const [width, height] = this.size();
    if (x === undefined) { x = width / 2; y = height / 2; }
    const scale = Math.max(this.fitted * 0.5, Math.min(this.scale * factor, 40));
    this.x = x - (x - this.x) * scale / this.scale;
    this.y = y - (y - this.y) * scale / this.scale;
    this.scale = scale;
    this.place();
  },

  // Keeps some of the picture in sight.
  place() {
    const [width, height] = this.size(), margin = 60;
    const w = this.image.w * this.scale, h = this.image.h * this.scale;
    this.x = Math.max(margin - w, Math.min(width - margin, this.x));
    this.y = Math.max(margin - h, Math.min(height - margin, this.y));
    const { style } = this.canvas;
    style.width = w + 'px';
    style.height = h + 'px';
    style.transform = `translate(${Math.round(this.x)}px, ${Math.round(this.y)}px)`;
    this.canvas.classList.toggle('pixels', this.scale >= 4);
    const full = this.image.W || this.image.w;  // 100 % is a pixel of the image, not of its copy
    $('lb-fit').textContent = Math.round(this.scale * 100 * this.image.w / full) + ' %';
    if (this.labelScale === this.scale) return;
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.label());
  },

  label() {
    const old = this.canvas.querySelector('.tags');
    if (!old) return;
    this.labelScale = this.scale;
        const { image, scale } = this;
    old.replaceWith(tags(image, image.w * scale, image.h * scale, true));
    this.highlight(this.highlighted);
  },

  repaint() {
    const old = this.canvas.querySelector('.overlay');
    if (old) old.replaceWith(overlay(this.image));
    this.label();
    this.panel();
  },

  step(by) { this.show(this.position + by); },
};

{
  const { stage, dialog } = lightbox;
  const pointers = new Map();
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return [Math.hypot(a[0] - b[0], a[1] - b[1]), (a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  };
  const local = (event) => {
    const frame = stage.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  stage.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, local(event));
    stage.classList.add('dragging');
  });
  stage.addEventListener('pointermove', (event) => {
    if (!pointers.has(event.pointerId)) return;
    const old = pointers.get(event.pointerId), now = local(event);
    if (pointers.size === 2) {
      const [before] = spread();
      pointers.set(event.pointerId, now);
      const [after, x, y] = spread();
      lightbox.zoom(after / (before || 1), x, y);
      return;
    }
    pointers.set(event.pointerId, now);
    lightbox.x += now[0] - old[0];
    lightbox.y += now[1] - old[1];
    lightbox.place();
  });
  for (const name of ['pointerup', 'pointercancel']) {
    stage.addEventListener(name, (event) => {
      pointers.delete(event.pointerId);
      if (pointers.size === 0) stage.classList.remove('dragging');
    });
  }
  stage.addEventListener('wheel', (event) => {
    event.preventDefault();
    const [x, y] = local(event);
    lightbox.zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0016)), x, y);
  }, { passive: false });
  stage.addEventListener('dblclick', (event) => {
    const [x, y] = local(event);
    if (lightbox.scale > lightbox.fitted * 1.05) lightbox.fit(); else lightbox.zoom(3, x, y);
  });
  $('lb-prev').addEventListener('click', () => lightbox.step(-1));
  $('lb-next').addEventListener('click', () => lightbox.step(1));
  $('lb-in').addEventListener('click', () => lightbox.zoom(1.5));
  $('lb-out').addEventListener('click', () => lightbox.zoom(1 / 1.5));
  $('lb-fit').addEventListener('click', () => lightbox.fit());
  $('lb-close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    lightbox.canvas.replaceChildren();
    if (lightbox.onclose) lightbox.onclose(lightbox.position);
  });
  dialog.addEventListener('keydown', (event) => {
    if (modified(event)) return;
    const closer = () => lightbox.zoom(1.5), further = () => lightbox.zoom(1 / 1.5);
    const actions = { ArrowLeft: () => lightbox.step(-1), ArrowRight: () => lightbox.step(1),
                      '+': closer, '=': closer, '-': further, 0: () => lightbox.fit() };
    if (!actions[event.key]) return;
    actions[event.key]();
    event.preventDefault();
  });
}

