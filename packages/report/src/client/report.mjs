/**
 * What a report does in a browser: shows the network that is pointed at, in all charts at once, and follows a search that runs.
 * Without it the page is complete but for that.
 */
const networks = JSON.parse(document.getElementById('data').textContent);
const tooltip = document.getElementById('tooltip');

/** Marks and table rows of each network. */
const marks = groupByKey(document.querySelectorAll('[data-key]'));

function groupByKey(elements) {
  const groups = new Map();
  for (const element of elements) {
    const { key } = element.dataset;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(element);
  }
  return groups;
}

/** In chart units: how near is near enough. */
const REACH = 22;

let shown;
let isPinned = false;

function show(key, x, y) {
  if (key !== shown) {
    hide();
    shown = key;
    for (const mark of marks.get(key) ?? []) mark.classList.add('pointed');
    tooltip.replaceChildren(...contents(networks[key]));
  }
  tooltip.hidden = false;
  place(x, y);
}

function hide() {
  for (const mark of marks.get(shown) ?? []) mark.classList.remove('pointed');
  shown = undefined;
  isPinned = false;
  tooltip.hidden = true;
}

function contents({ title, rows, layers }) {
  const heading = element('b', title);
  const list = element('dl');
  for (const [name, value] of rows) list.append(element('dt', name), element('dd', value));
  const network = element('ol');
  for (const layer of layers) network.append(element('li', layer));
  return [heading, list, network];
}

function element(name, text = '') {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

/** Beside the point, and inside of the window. */
function place(x, y) {
  const gap = 14;
  const { offsetWidth: width, offsetHeight: height } = tooltip;
  const left = x + gap + width < window.innerWidth ? x + gap : x - gap - width;
  tooltip.style.left = `${Math.max(4, Math.min(left, window.innerWidth - width - 4))}px`;
  tooltip.style.top = `${Math.max(4, Math.min(y - height / 2, window.innerHeight - height - 4))}px`;
}

function nearest(svg, points, event) {
  const { left, top, width } = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / width;
  const [x, y] = [(event.clientX - left) * scale, (event.clientY - top) * scale];
  let [best, least] = [undefined, REACH];
  for (const point of points) {
    // Of points that lie on each other, the one on the front, which is drawn last.
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance <= least) [best, least] = [point, distance];
  }
  return best;
}

for (const svg of document.querySelectorAll('.chart svg')) {
  const points = [...svg.querySelectorAll('[data-key]')].map(({ dataset }) => ({
    key: dataset.key,
    x: Number(dataset.x),
    y: Number(dataset.y),
  }));
  svg.addEventListener('pointermove', (event) => {
    if (isPinned || event.pointerType === 'touch') return;
    const point = nearest(svg, points, event);
    if (point) show(point.key, event.clientX, event.clientY);
    else hide();
  });
  svg.addEventListener('pointerleave', () => isPinned || hide());
  svg.addEventListener('click', (event) => {
    const point = nearest(svg, points, event);
    const wasPinned = isPinned && point?.key === shown;
    hide();
    if (!point || wasPinned) return;
    show(point.key, event.clientX, event.clientY);
    isPinned = true;
  });
  svg.addEventListener('focusin', ({ target }) => {
    const { right, top } = target.getBoundingClientRect();
    if (target.dataset.key && target.matches(':focus-visible')) show(target.dataset.key, right, top);
  });
  svg.addEventListener('focusout', () => isPinned || hide());
}

for (const row of document.querySelectorAll('tr[data-key]')) {
  const group = marks.get(row.dataset.key);
  row.addEventListener('pointerenter', () => group.forEach((mark) => mark.classList.add('pointed')));
  row.addEventListener('pointerleave', () => group.forEach((mark) => mark.classList.remove('pointed')));
}

document.addEventListener('keydown', ({ key }) => key === 'Escape' && hide());
window.addEventListener('beforeprint', () => {
  hide();
  for (const network of document.querySelectorAll('.network')) network.open = true;
});

/** A search writes its report a few times a minute: for so long nothing is missing. */
const REFRESH_MILLISECONDS = 15_000;
/** Nobody writes any more. */
const STALE_MILLISECONDS = 180_000;
const MEMORY = `sparrow ${location.pathname}`;

function follow() {
  const writtenAt = Date.parse(document.getElementById('written').dateTime);
  const age = document.getElementById('age');
  const checkbox = document.getElementById('follow');
  const loadedAt = Date.now();
  recall(checkbox);
  setInterval(() => {
    const seconds = Math.round((Date.now() - writtenAt) / 1_000);
    age.textContent = `written ${seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} ago`;
    const isStale = seconds * 1_000 > STALE_MILLISECONDS;
    document.getElementById('stale')?.toggleAttribute('hidden', !isStale);
    const isDue = Date.now() - loadedAt > (isStale ? 4 : 1) * REFRESH_MILLISECONDS;
    // Not under somebody's hands.
    const isInUse = shown !== undefined || document.hidden || String(getSelection()) !== '';
    if (isDue && checkbox.checked && !isInUse) {
      remember(checkbox);
      location.reload();
    }
  }, 1_000);
}

/** What the reader had opened, and where they were. */
function remember(checkbox) {
  const open = [...document.querySelectorAll('details')].map((details) => details.open);
  sessionStorage.setItem(MEMORY, JSON.stringify({ open, top: window.scrollY, follow: checkbox.checked }));
}

function recall(checkbox) {
  const memory = JSON.parse(sessionStorage.getItem(MEMORY) ?? 'null');
  if (!memory) return;
  const all = [...document.querySelectorAll('details')];
  if (all.length === memory.open.length) all.forEach((details, index) => (details.open = memory.open[index]));
  checkbox.checked = memory.follow;
  window.scrollTo(0, memory.top);
}

if (document.body.dataset.state === 'running') follow();
