// Times as people here read them; the page says them in UTC where this does not run.
const read = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'short', timeStyle: 'medium' });
function localTimes(within) {
  for (const time of within.querySelectorAll('time[datetime]')) {
    const at = Date.parse(time.dateTime);
    if (!Number.isNaN(at)) time.textContent = read.format(at);
  }
}
localTimes(document);
document.addEventListener('htmx:load', (event) => localTimes(event.detail.elt));
// Nobody looks at what is hidden; and what was just said beside a button is read before the part around it is fetched again.
const READ_MS = 15_000;
let saidAt = -READ_MS;
document.addEventListener('htmx:afterSwap', ({ detail }) => {
  if (detail.target.matches('output')) saidAt = performance.now();
});
document.addEventListener('htmx:confirm', (event) => {
  const { elt, triggeringEvent } = event.detail;
  if (triggeringEvent?.type === 'submit') return;
  const isRead = performance.now() - saidAt < READ_MS && elt.querySelector('output:not(:empty)') !== null;
  if (document.hidden || isRead) event.preventDefault();
});
// A password that is typed once, to be looked at.
for (const button of document.querySelectorAll('[data-reveals]')) {
  const field = document.getElementById(button.dataset.reveals);
  button.hidden = false;
  button.addEventListener('click', () => {
    const isShown = field.type === 'password';
    field.type = isShown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(isShown));
  });
  // Browsers would keep it among what was typed into fields.
  field.form.addEventListener('submit', () => {
    field.type = 'password';
  });
}
// A file goes as it is, however large: a form would have it read into memory on the other side.
document.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-put]');
  if (form === null) return;
  event.preventDefault();
  const [file] = form.querySelector('input[type=file]').files;
  const [bar, said, button] = ['progress', 'output', 'button'].map((part) => form.querySelector(part));
  const request = new XMLHttpRequest();
  request.open('PUT', `${form.dataset.put}&${new URLSearchParams({ 'at.name': file.name })}`);
  request.setRequestHeader('Content-Type', 'application/octet-stream');
  request.setRequestHeader('HX-Request', 'true');
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    bar.value = loaded / total;
  });
  request.addEventListener('loadend', () => {
    bar.hidden = true;
    button.disabled = false;
    const to = request.getResponseHeader('HX-Redirect');
    if (to !== null) window.location.assign(to);
    else said.innerHTML = request.responseText;
  });
  bar.hidden = false;
  button.disabled = true;
  request.send(file);
});
// One tick for all of a page; without this each is ticked by itself.
for (const part of document.querySelectorAll('[data-ticks]')) {
  const form = part.closest('form');
  const all = part.querySelector('input');
  const others = [...form.querySelectorAll(`input[name^="${part.dataset.ticks}"]`)];
  form.addEventListener('change', ({ target }) => {
    if (target === all) for (const other of others) other.checked = all.checked;
    all.checked = others.every(({ checked }) => checked);
    all.indeterminate = !all.checked && others.some(({ checked }) => checked);
  });
  part.hidden = false;
}
// Rows that can be drawn to another place by their handle; the buttons beside them do the same.
function sortable(within) {
  for (const list of within.querySelectorAll('[data-sorted-by]')) {
    if (list.classList.contains('sorts')) continue;
    let moving = null;
    list.classList.add('sorts');
    list.addEventListener('pointerdown', (event) => {
      if (!event.target.matches('.handle')) return;
      event.preventDefault();
      moving = event.target.closest('[data-nth]');
      moving.classList.add('moves');
      list.setPointerCapture(event.pointerId);
    });
    list.addEventListener('pointermove', ({ clientX, clientY }) => {
      const over = document.elementFromPoint(clientX, clientY)?.closest('[data-nth]');
      if (moving === null || over == null || over === moving || !list.contains(over)) return;
      const { top, height } = over.getBoundingClientRect();
      list.insertBefore(moving, clientY < top + height / 2 ? over : over.nextSibling);
    });
    const end = () => {
      if (moving === null) return;
      moving.classList.remove('moves');
      moving = null;
      const order = [...list.querySelectorAll('[data-nth]')].map((row) => row.dataset.nth);
      const form = list.closest('form');
      form.elements[list.dataset.sortedBy].value = order.join(',');
      form.querySelector('#reorder').click();
    };
    list.addEventListener('pointerup', end);
    list.addEventListener('pointercancel', end);
  }
}
sortable(document);
document.addEventListener('htmx:load', (event) => sortable(event.detail.elt));
