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
