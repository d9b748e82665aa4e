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
// Nobody looks at what is hidden.
document.addEventListener('htmx:confirm', (event) => {
  if (document.hidden && event.detail.triggeringEvent?.type !== 'submit') event.preventDefault();
});
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
