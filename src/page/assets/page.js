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
// Rows that can be drawn to another place; the buttons beside them do the same.
function sortable(within) {
  const lists = [...within.querySelectorAll('[data-sorted-by]')];
  if (within.matches?.('[data-sorted-by]')) lists.push(within);
  for (const list of lists) {
    let moving = null;
    list.classList.add('sorts');
    list.addEventListener('dragstart', (event) => {
      moving = event.target.closest('[data-nth]');
      moving?.classList.add('moves');
    });
    list.addEventListener('dragover', (event) => {
      const over = event.target.closest('[data-nth]');
      if (moving === null || over === null) return;
      event.preventDefault();
      const { top, height } = over.getBoundingClientRect();
      if (over !== moving) list.insertBefore(moving, event.clientY < top + height / 2 ? over : over.nextSibling);
    });
    list.addEventListener('dragend', () => {
      moving?.classList.remove('moves');
      moving = null;
      const order = [...list.querySelectorAll('[data-nth]')].map((row) => row.dataset.nth);
      const form = list.closest('form');
      form.elements[list.dataset.sortedBy].value = order.join(',');
      form.querySelector('#reorder').click();
    });
  }
}
sortable(document);
document.addEventListener('htmx:load', (event) => sortable(event.detail.elt));
